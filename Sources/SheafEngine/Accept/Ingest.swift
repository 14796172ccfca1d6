public import SheafCore
internal import Synchronization
public import Tracing

/// Takes in events: checks them against the catalog and stores each once, in its window.
///
/// Every event that ``submit(_:source:)`` reports as accepted is durable. Concurrent callers share a transaction.
public final class Ingest: Sendable {
    /// The maximum payload bytes of a transaction that several callers share.
    private static let mostBytes = 4 << 20

    let catalog: LiveCatalog
    private let clock: any TimeSource
    private let metrics: IngestMetrics
    private let ends: DigestMetrics
    private let counters: StageCounters
    private let tracer: StepTracer
    private let commits: GroupCommit<AdmittedEvent, AppendOutcome>
    private let windows: WindowLocation
    private let isFull = Atomic<Bool>(false)

    /// - Parameters:
    ///   - windows: where windows live.
    ///   - maxPending: callers are refused once this many events wait in memory for their commit.
    ///   - tracer: `nil` if nothing is traced.
    public init(
        catalog: LiveCatalog, store: any EventStore, windows: WindowLocation = .store, clock: any TimeSource,
        counters: StageCounters, maxPending: Int = 20_000, tracer: (any Tracer)? = nil
    ) {
        self.catalog = catalog
        self.tracer = StepTracer(tracer)
        self.clock = clock
        self.counters = counters
        metrics = IngestMetrics(catalog: catalog)
        ends = DigestMetrics(catalog: catalog)
        self.windows = windows
        let weight = GroupCommit<AdmittedEvent, AppendOutcome>.Weight(limit: Self.mostBytes) {
            $0.event.payloadBytes
        }
        commits = GroupCommit(batch: 500, weight: weight, maxPending: maxPending, lanes: 2) { events in
            try await store.transaction("ingest") { transaction in
                let outcomes = try transaction.accept(events)
                let relayed = zip(events, outcomes).filter { $0.0.admission == .relayed && $0.1.isStored }
                if !relayed.isEmpty {
                    try transaction.publish(
                        relayed.map { QueueMessage(key: $0.0.event.recipient, body: .event($0.0.event.id)) })
                }
                return outcomes
            }
        }
    }

    /// A reader of events for this intake. It reads the fields that the types in use declare.
    ///
    /// - Parameters:
    ///   - source: the scope in which producer ids are unique.
    ///   - maximumEvents: the most events a body may hold.
    public func reader(source: String, maximumEvents: Int = 1000) -> EventReader {
        EventReader(source: source, catalog: catalog.current, maximumEvents: maximumEvents)
    }

    /// Whether the backlog behind the intake is so long that events are refused for now.
    public func setBacklogFull(_ isFull: Bool) { self.isFull.store(isFull, ordering: .relaxed) }

    /// Stores the events among `entries`.
    ///
    /// - Parameter source: the name of the intake in metrics: `http`, `file`, `databus`.
    /// - Returns: the result of each event, in the same order.
    /// - Throws: ``SheafError`` `overloaded` if the backlog is full, `unavailable` or `storage` if the store fails; in
    ///   these cases it is unknown whether any event was stored.
    public func submit(_ entries: [EventReader.Entry], source: String) async throws -> [IngestResult] {
        guard let (step, entries) = tracer.ingest(entries, source: source) else {
            return try await store(entries, source: source)
        }
        return try await step.run { try await store(entries, source: source) }
    }

    /// Counts a record of a topic that holds no event, such as a tombstone.
    func skipped(topic: String, source: String) {
        metrics.count(1, "skipped", type: catalog.current.type(topic: topic)?.code ?? 0, source: source)
    }

    private func store(_ entries: [EventReader.Entry], source: String) async throws -> [IngestResult] {
        if isFull.load(ordering: .relaxed) {
            throw SheafError(.overloaded, "the backlog is full", retryAfter: .seconds(5))
        }
        let (checked, stored) = try await commit(entries)
        var outcomes = stored[...]
        var tally: [EventTypeCode: (accepted: Int, duplicate: Int)] = [:]
        var suppressed: [EventTypeCode: Int] = [:]
        let results = zip(entries, checked).map { entry, checked in
            let admitted: AdmittedEvent
            switch checked {
            case .success(let checked): admitted = checked
            case .failure(let error):
                metrics.rejected(try? entry.get(), source: source)
                return IngestResult(id: (try? entry.get())?.producerID ?? error.eventID, status: .rejected(error))
            }
            let event = admitted.event
            let outcome = outcomes.popFirst()
            let isStored = outcome?.isStored ?? false
            if isStored, case .ended = admitted.admission { suppressed[event.type, default: 0] += 1 }
            if case .retracting(let count) = outcome, let retraction = admitted.retraction {
                suppressed[retraction.type, default: 0] += count
            }
            tally[event.type, default: (0, 0)].accepted += isStored ? 1 : 0
            tally[event.type, default: (0, 0)].duplicate += isStored ? 0 : 1
            return IngestResult(id: event.publicID, status: isStored ? .accepted : .duplicate)
        }
        for (type, counts) in tally {
            counters.ingested(counts.accepted)
            metrics.count(counts.accepted, "accepted", type: type, source: source)
            metrics.count(counts.duplicate, "duplicate", type: type, source: source)
        }
        for (type, count) in suppressed {
            counters.finished(.suppressed, count)
            ends.suppressed(count, type: type)
        }
        return results
    }

    /// Stores the events after checking them against the types in use; checks again if these change meanwhile.
    private func commit(
        _ entries: [EventReader.Entry]
    ) async throws -> (checked: [Result<AdmittedEvent, SheafError>], stored: [AppendOutcome]) {
        for _ in 0..<RetryPolicy.typesChange.maxAttempts {
            let (catalog, revision) = catalog.moment
            let checked = check(entries, catalog, revision)
            do {
                return (checked, try await commits.submit(checked.compactMap { try? $0.get() }))
            } catch let error as SheafError where error == .typesChanged {
                try await self.catalog.refresh(after: revision)
            }
        }
        throw SheafError(.unavailable, "declared types keep changing", retryAfter: .seconds(1))
    }

    // MARK: Checking

    /// The event as it would be stored; stores nothing.
    ///
    /// - Throws: ``SheafError`` for an event that ``submit(_:source:)`` rejects.
    public func admission(of entry: EventReader.Entry) async throws -> AdmittedEvent {
        let (catalog, revision) = catalog.moment
        return try check([entry], catalog, revision)[0].get()
    }

    /// The events ready to be stored, or the reasons why they cannot be.
    private func check(
        _ entries: [EventReader.Entry], _ catalog: EventCatalog, _ revision: Int
    ) -> [Result<AdmittedEvent, SheafError>] {
        let now = clock.now
        return entries.map { entry in
            Result { () throws(SheafError) in
                let incoming = try entry.get()
                guard let type = catalog.type(of: incoming.type) else { throw Self.unknown(incoming.type, catalog) }
                let classification = try type.classify(incoming, at: now)
                return AdmittedEvent(
                    Event(incoming, type: type.code, keyPart: classification.keyPart, at: now),
                    windows.admission(of: classification, type.delivery), retracting: classification.retraction,
                    revision: type.code < EventType.firstDeclaredCode ? 0 : revision)
            }
        }
    }

    private static func unknown(_ name: String, _ catalog: EventCatalog) -> SheafError {
        let known = catalog.types.map(\.name).joined(separator: ", ")
        return SheafError(.unknownType, field: "type", "no event type has this name; expected one of \(known)")
    }
}
