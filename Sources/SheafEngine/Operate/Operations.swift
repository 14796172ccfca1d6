public import SheafCore

/// What people and programs ask of Sheaf beside handing in events: the use cases behind the API and the command line.
///
/// Identifiers and cursors come as the text that clients send; one that cannot exist is answered as one that does not
/// exist, a cursor that cannot exist is refused.
public struct Operations: Sendable {
    let store: any EventStore
    /// `nil` if windows live in the store.
    let debouncer: (any Debouncer)?
    private let types: LiveCatalog
    let clock: any TimeSource
    let counts: StageCounters?
    let finishes: DigestMetrics
    let reports: (any StageReports)?
    /// What holds for recipients who said nothing else.
    let defaults: RecipientDescription
    let queueBacklog: (@Sendable () async throws -> Int?)?

    /// - Parameters:
    ///   - debouncer: keeps windows outside the store; `nil` if they live in it.
    ///   - clock: tells how old waiting events are.
    ///   - counts: the counts of this process' stages; `nil` if it has none.
    ///   - reports: what the other processes on the store tell of theirs; `nil` if there are none.
    ///   - defaults: what holds for recipients who said nothing else.
    ///   - queueBacklog: how many messages wait in the queue; `nil` if the outbox is the queue. If it answers `nil`,
    ///     which is not known yet, the outbox' figure stands for it.
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

    /// The types of the moment.
    var catalog: EventCatalog { types.current }

    /// The name of an event type, or its code where nothing knows it any more.
    func typeName(_ code: EventTypeCode) -> String { catalog.name(of: code) }
}

extension SheafError {
    static func notFound(_ what: String) -> SheafError { SheafError(.notFound, "there is no such \(what)") }
}
