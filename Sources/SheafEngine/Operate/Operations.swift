public import SheafCore

/// The use cases behind the API and the command line: everything people and programs ask of Sheaf except accepting
/// events.
///
/// Ids and cursors are the texts that clients send. An id that cannot exist is answered as one that does not exist; a
/// cursor that cannot exist is refused.
public struct Operations: Sendable {
    let store: any EventStore
    /// `nil` if windows live in the store.
    let debouncer: (any Debouncer)?
    private let types: LiveCatalog
    let clock: any TimeSource
    let counts: StageCounters?
    let finishes: DigestMetrics
    let reports: (any StageReports)?
    /// The settings of recipients who have none of their own.
    let defaults: RecipientDescription
    let queueBacklog: (@Sendable () async throws -> Int?)?

    /// - Parameters:
    ///   - debouncer: holds windows outside the store; `nil` if they live in the store.
    ///   - clock: used for the age of waiting events.
    ///   - counts: the counts of this process's stages; `nil` if it has none.
    ///   - reports: the counts of the other processes on the store; `nil` if there are none.
    ///   - defaults: the settings of recipients who have none of their own.
    ///   - queueBacklog: how many messages wait in the queue; `nil` if the outbox is the queue. If it returns `nil`,
    ///     the number is not known yet, and the outbox's number is used instead.
    public init(
        store: any EventStore, debouncer: (any Debouncer)? = nil, catalog: LiveCatalog, clock: any TimeSource,
        counts: StageCounters? = nil, reports: (any StageReports)? = nil,
        defaults: RecipientDescription = RecipientDescription(locale: "ru", timeZone: "UTC"),
        queueBacklog: (@Sendable () async throws -> Int?)? = nil
    ) {
        self.store = store
        self.debouncer = debouncer
        types = catalog
        self.clock = clock
        self.counts = counts
        finishes = DigestMetrics(catalog: catalog)
        self.reports = reports
        self.defaults = defaults
        self.queueBacklog = queueBacklog
    }

    /// The types in use.
    var catalog: EventCatalog { types.current }

    /// The name of an event type, or its code if the type is unknown by now.
    func typeName(_ code: EventTypeCode) -> String { catalog.name(of: code) }
}

extension SheafError {
    static func notFound(_ what: String) -> SheafError { SheafError(.notFound, "there is no such \(what)") }
}
