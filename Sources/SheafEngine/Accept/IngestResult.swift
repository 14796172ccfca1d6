public import SheafCore

/// The result for one submitted event.
public struct IngestResult: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case accepted
        /// Its producer sent it before.
        case duplicate
        case rejected(SheafError)
    }

    /// The event's id as clients use it; `nil` if the event was rejected and its id could not be read.
    public let id: String?
    public let status: Status

    public init(id: String?, status: Status) {
        self.id = id
        self.status = status
    }
}
