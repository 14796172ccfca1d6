public import SheafCore
public import SheafEngine

/// Accepts posted events.
public protocol EventIntake: Sendable {
    /// A reader of posted events, with the types in use.
    func reader(source: String, maximumEvents: Int) -> EventReader

    /// The event as it would be stored; stores nothing.
    /// - Throws: ``SheafError`` for an event that ``submit(_:source:)`` rejects.
    func admission(of entry: EventReader.Entry) async throws -> AdmittedEvent

    /// Stores events, and returns a result for each, in the same order.
    /// - Throws: ``SheafError`` `overloaded`, `unavailable` or `storage`; it is then unknown whether any event was stored.
    func submit(_ entries: [EventReader.Entry], source: String) async throws -> [IngestResult]
}

extension Ingest: EventIntake {}
