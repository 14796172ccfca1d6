internal import SheafCore

/// What a declared type asks another service for when a window is digested.
public struct EnrichHook: Hashable, Sendable {
    public let url: String
    /// The environment variable with the secret that signs requests.
    public let secretVariable: String?
    public let timeout: Duration
    /// Whether a window waits until the service is back; if not, it is composed without the response.
    public let isNeeded: Bool
    /// The variables that it returns, by name.
    public let returns: [String: DeclaredField.Kind]

    /// The longest that one attempt may take.
    static let longestTimeout = Duration.seconds(60)
    /// The members of a hook in a file.
    static let members = ["url", "secret_env", "timeout", "needed", "returns"]
}

/// A service's response for one window.
public struct EnrichAnswer: Hashable, Sendable {
    /// A value of a variable that the texts use.
    public enum Value: Hashable, Sendable {
        case integer(Int64)
        case number(Double)
        case text(String)
        case boolean(Bool)
        /// Microseconds since 1970-01-01T00:00:00Z.
        case time(microseconds: Int64)
    }

    public var variables: [String: Value]
    /// The indexes of the sent events that the notification keeps; `nil` for all.
    public var kept: Set<Int>?
    /// Why there is no notification; `nil` if there is one.
    public var suppression: String?

    public init(variables: [String: Value] = [:], kept: Set<Int>? = nil, suppression: String? = nil) {
        self.variables = variables
        self.kept = kept
        self.suppression = suppression
    }

    /// Its JSON text, as services write it.
    var json: String {
        var members: [String] = []
        if let suppression { members.append("\"suppress\":\(SourceNode.quoted(suppression))") }
        if let kept { members.append("\"keep\":[\(kept.sorted().map(String.init).joined(separator: ","))]") }
        if !variables.isEmpty {
            let values = variables.sorted { $0.key < $1.key }
                .map { "\(SourceNode.quoted($0.key)):\($0.value.json)" }
            members.append("\"variables\":{\(values.joined(separator: ","))}")
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// Whether a service may give this reason for suppressing a window.
    static func isReason(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}

extension EnrichAnswer.Value {
    fileprivate var json: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .boolean(let value): String(value)
        case .text(let text): SourceNode.quoted(text)
        case .time(let microseconds): SourceNode.quoted(Timestamp(microseconds: microseconds).description)
        }
    }
}
