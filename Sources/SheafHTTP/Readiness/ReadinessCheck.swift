/// Asks one part of the program whether it can do its work.
public struct ReadinessCheck: Sendable {
    /// The name under which the part is shown: `store`, `queue`.
    public let name: String
    let run: @Sendable () async throws -> PartReadiness

    /// - Parameter run: asks the part. An error that is thrown counts as not ready; of other errors than ``SheafError``
    ///   only the type is shown.
    public init(_ name: String, run: @escaping @Sendable () async throws -> PartReadiness) {
        self.name = name
        self.run = run
    }
}

/// Whether one part is ready.
public struct PartReadiness: Encodable, Hashable, Sendable {
    public let ready: Bool
    /// What it is or what it lacks, for people; without secrets, since no token is needed to read it.
    public let detail: String

    public init(ready: Bool, detail: String) {
        self.ready = ready
        self.detail = detail
    }
}

/// Whether the program is ready, by its parts.
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
