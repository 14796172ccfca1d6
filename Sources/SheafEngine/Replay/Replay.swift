public import SheafCore

/// Composes notifications again from stored events, with the catalog's current policies and factories.
///
/// Events are taken in the order in which they were accepted, each as if it came at that moment. Events that still wait
/// or are dead are skipped.
public struct Replay: Sendable {
    /// Which events to replay.
    public struct Period: Hashable, Sendable {
        public let since: Timestamp
        public let until: Timestamp
        /// `nil` for all types.
        public let type: EventTypeCode?
        /// The name of the replay. Replays with the same name compose an event only once.
        public let name: String

        public init(since: Timestamp, until: Timestamp, type: EventTypeCode?, name: String) {
            self.since = since
            self.until = until
            self.type = type
            self.name = name
        }
    }

    private static let page = 500
    /// Windows composed at the same time.
    private static let width = 32

    private let catalog: EventCatalog
    private let store: any EventStore
    private let clock: any TimeSource

    public init(catalog: EventCatalog, store: any EventStore, clock: any TimeSource) {
        self.catalog = catalog
        self.store = store
        self.clock = clock
    }

    /// Composes the period's notifications again.
    ///
    /// - Parameters:
    ///   - sends: whether the notifications are stored and sent; otherwise nothing is written.
    ///   - report: called with each window whose events or text differ from before.
    /// - Throws: the error of the store or of a service that a factory calls. A sending replay that is run again
    ///   continues where it stopped.
    public func run(
        _ period: Period, sends: Bool, report: (ReplayDifference) -> Void = { _ in }
    ) async throws -> ReplayResult {
        var (windows, comparison) = (ReplayWindows(), ReplayComparison())
        var units: [ReplayUnit] = []
        var cursor: EventID?
        repeat {
            let page = try await store.events(
                since: period.since, until: period.until, type: period.type, after: cursor, limit: Self.page)
            cursor = page.next
            let zones = try await zones(of: page.events)
            for stored in page.events { units += admit(stored, to: &windows, &comparison, zones) }
            if let last = page.events.last { units += windows.close(dueAt: last.event.receivedAt) }
            if cursor == nil { units += windows.close() }
            for start in stride(from: 0, to: units.count, by: Self.width) {
                let group = Array(units[start..<min(start + Self.width, units.count)])
                let composed = try await compose(group)
                for unit in composed { try await compare(unit, &comparison, report) }
                if sends { try await send(composed, as: period.name, &comparison) }
            }
            units = []
        } while cursor != nil
        return comparison.finished()
    }

    private func admit(
        _ stored: StoredEvent, to windows: inout ReplayWindows, _ comparison: inout ReplayComparison,
        _ zones: [RecipientID: RecipientDescription]
    ) -> [ReplayUnit] {
        // A retracted event is not replayed.
        if stored.status == .suppressed, stored.reason == Retraction.reason { return [] }
        guard stored.status == .processed || stored.status == .suppressed,
            let type = catalog.type(code: stored.event.type)
        else {
            comparison.leaveOut(stored.status)
            return []
        }
        comparison.take(1)
        // An event that its type would suppress now is suppressed, as if it came now.
        let head = EventHead(recipient: stored.event.recipient, occurredAt: stored.event.occurredAt)
        if (try? type.classify(stored.event.payload, head))?.suppression != nil { return [] }
        return windows.admit(
            ReplayEvent(stored), key: stored.event.windowKey, at: stored.event.receivedAt,
            delivery: type.delivery, zone: zones[stored.event.recipient]?.timeZone)
    }

    /// The time zones of recipients whose events are scheduled for a time of day.
    private func zones(of page: [StoredEvent]) async throws -> [RecipientID: RecipientDescription] {
        let recipients = page.map(\.event).filter { event in
            if case .scheduled = catalog.type(code: event.type)?.delivery { true } else { false }
        }
        guard !recipients.isEmpty else { return [:] }
        return try await store.settings(of: Array(Set(recipients.map(\.recipient))))
    }
}

// MARK: - Composing

/// A unit with its composition.
private struct Composed: Sendable {
    let unit: ReplayUnit
    /// `nil` if it cannot be composed.
    let composed: WindowComposition?
    let traceParent: String?

    var composition: Composition? { composed?.composition }

    /// The events that its notification covers.
    var events: [EventID] {
        let others = Set(composed?.exceptions.map(\.event) ?? [])
        return unit.events.map(\.id).filter { !others.contains($0) }
    }
}

extension Replay {
    private func compose(_ units: [ReplayUnit]) async throws -> [Composed] {
        let recipients = Set(units.lazy.filter { catalog.type(code: $0.type)?.usesSettings == true }.map(\.recipient))
        let settings = recipients.isEmpty ? [:] : try await store.settings(of: Array(recipients))
        return try await withThrowingTaskGroup(of: (Int, Composed).self) { group in
            for (index, unit) in units.enumerated() {
                group.addTask {
                    (index, try await compose(unit, for: settings[unit.recipient] ?? RecipientDescription()))
                }
            }
            var composed: [(Int, Composed)] = []
            for try await one in group { composed.append(one) }
            return composed.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func compose(_ unit: ReplayUnit, for settings: RecipientDescription) async throws -> Composed {
        // Read the events again rather than hold them while the window was open.
        let events = try await store.events(unit.events.map(\.id)).map(\.event)
        guard let type = catalog.type(code: unit.type), let first = events.first else {
            return Composed(unit: unit, composed: nil, traceParent: nil)
        }
        let read = type.read(events)
        let trace = events.lazy.compactMap(\.traceParent).first
        // A service is called again: its earlier response was for a real window, and this is none.
        let context = CompositionContext(
            recipient: unit.recipient, settings: settings, window: "replay-\(first.id)", traceParent: trace)
        do {
            if let error = read.unreadable.first?.error { throw error }
            return Composed(unit: unit, composed: try await read.compose(in: context), traceParent: trace)
        } catch  where error.failureKind == .permanent {
            return Composed(unit: unit, composed: nil, traceParent: nil)
        }
    }

    private func compare(
        _ composed: Composed, _ comparison: inout ReplayComparison, _ report: (ReplayDifference) -> Void
    ) async throws {
        let ids = composed.unit.formerWindows
        var former: [WindowID: EndedWindow] = [:]
        for id in ids { former[id] = try await store.endedWindow(id) }
        let notification = ids.count == 1 ? former[ids[0]]?.notification : nil
        let content = try await store.notifications(notification.map { [$0] } ?? []).first?.content
        if let difference = comparison.add(
            composed.unit, composed.composition, totals: former.mapValues(\.events), former: content)
        {
            report(difference)
        }
    }

    private func send(
        _ composed: [Composed], as name: String, _ comparison: inout ReplayComparison
    ) async throws {
        let now = clock.now
        let digests: [ReplayedDigest] = composed.compactMap { composed in
            guard case .notification(let content) = composed.composition else { return nil }
            return ReplayedDigest(
                id: IdentifierGenerator.shared.next(at: now), type: composed.unit.type,
                recipient: composed.unit.recipient, events: composed.events, content: content,
                traceParent: composed.traceParent)
        }
        guard !digests.isEmpty else { return }
        let stored = try await store.transaction("replay") { try $0.replay(digests, as: name) }
        comparison.enqueue(stored.count, of: digests.count)
    }
}
