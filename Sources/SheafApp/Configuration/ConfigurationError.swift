/// All that is wrong with a configuration.
///
/// Its text names each key and its place, and holds no password, key or token.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status a program ends with: `EX_CONFIG` of sysexits.h.
    public static let exitStatus: Int32 = 78

    /// At least one.
    public let problems: [ConfigurationProblem]

    /// A line a problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong with a configuration.
public struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where a setting is.
    public enum Place: Hashable, Sendable {
        /// `key` is `nil` if the variable is for none.
        case environment(variable: String, key: String? = nil)
        /// `key` is `nil` if the whole file is meant.
        case file(path: String, key: String?)
    }

    public let place: Place
    /// What is wrong, and what would be right.
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
