public import SheafCore
public import SheafEngine

/// Where events that were posted go.
public protocol EventIntake: Sendable {
    /// A reader of what is posted, which knows the types that are taken.
    func reader(source: String, maximumEvents: Int) -> EventReader

    /// An event as it would be stored; nothing is.
    /// - Throws: ``SheafError`` for what ``submit(_:source:)`` rejects.
    func admission(of entry: EventReader.Entry) async throws -> AdmittedEvent

    /// Stores events, and answers for each in their order.
    /// - Throws: ``SheafError`` `overloaded`, `unavailable` or `storage`; nothing is stored then.
    func submit(_ entries: [EventReader.Entry], source: String) async throws -> [IngestResult]
}

extension Ingest: EventIntake {}
