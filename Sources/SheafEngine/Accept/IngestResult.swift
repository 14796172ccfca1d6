public import SheafCore

/// What became of one event that was sent in.
public struct IngestResult: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case accepted
        /// Its producer sent it before.
        case duplicate
        case rejected(SheafError)
    }

    /// What clients call the event; `nil` if it was rejected and its identifier could not be read.
    public let id: String?
    public let status: Status

    public init(id: String?, status: Status) {
        self.id = id
        self.status = status
    }
}
