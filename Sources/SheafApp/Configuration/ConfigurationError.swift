/// All mistakes in a configuration.
///
/// Its text names each key and its place, and holds no password, key or token.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The exit status of a program: `EX_CONFIG` of sysexits.h.
    public static let exitStatus: Int32 = 78

    /// At least one.
    public let problems: [ConfigurationProblem]

    /// One line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One mistake in a configuration.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place of a setting.
    public enum Place: Hashable, Sendable {
        /// `key` is `nil` if the variable belongs to no setting.
        case environment(variable: String, key: String? = nil)
        /// `key` is `nil` for the whole file.
        case file(path: String, key: String?)
    }

    public let place: Place
    /// The mistake, and how to correct it.
    public let message: String

    /// `sheaf.yaml: gateway.timeout: '10 sec' is not a duration; write 500ms, 2s, 5m, 1h or 7d`
    public var description: String {
        switch place {
        case .environment(let variable, let key):
            "environment \(variable): " + (key.map { "\($0): " } ?? "") + message
        case .file(let path, let key): "\(path): " + (key.map { "\($0): " } ?? "") + message
        }
    }
}
