/// Checks whether one part of the program can do its work.
public struct ReadinessCheck: Sendable {
    /// The name under which the part is shown: `store`, `queue`.
    public let name: String
    let run: @Sendable () async throws -> PartReadiness

    /// - Parameter run: checks the part. A thrown error counts as not ready; of an error that is no ``SheafError`` only
    ///   the type is shown.
    public init(_ name: String, run: @escaping @Sendable () async throws -> PartReadiness) {
        self.name = name
        self.run = run
    }
}

/// Whether one part is ready.
public struct PartReadiness: Encodable, Hashable, Sendable {
    public let ready: Bool
    /// Details for people, such as what is missing. It must hold no secrets, since reading it needs no token.
    public let detail: String

    public init(ready: Bool, detail: String) {
        self.ready = ready
        self.detail = detail
    }
}

/// The readiness of the program and of its parts.
struct ReadinessDocument: Encodable, Hashable, Sendable {
    private(set) var ready: Bool
    private(set) var parts: [String: PartReadiness]

    init(ready: Bool, parts: [String: PartReadiness]) {
        self.ready = ready
        self.parts = parts
    }

    mutating func add(_ name: String, _ part: PartReadiness) {
        parts[name] = part
        ready = ready && part.ready
    }
}
