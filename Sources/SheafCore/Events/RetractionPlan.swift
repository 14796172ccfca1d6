/// Which events a batch retracts, as a value: live events that were stored before, and earlier ones of the batch.
///
/// A driver locks the live windows of ``targets(of:)`` and reads their events, and those of the same recipients and
/// types that have no window yet. However many retractions a batch has, this reads each live event of the recipient and
/// type once, and no event that has ended.
public struct RetractionPlan: Sendable {
    /// The recipient and type whose live events may end.
    public struct Target: Hashable, Sendable {
        public let recipient: RecipientID
        public let type: EventTypeCode

        init(recipient: RecipientID, type: EventTypeCode) {
            self.recipient = recipient
            self.type = type
        }

        /// The target of an event.
        public init(_ event: Event) { self.init(recipient: event.recipient, type: event.type) }

        /// The target of the events of a window.
        public init(_ key: WindowKey) { self.init(recipient: key.recipient, type: key.type) }
    }

    /// The batch to admit: an event that a later one of the batch retracts ends at once.
    public private(set) var events: [AdmittedEvent]
    /// The live events that end.
    public private(set) var retracted: [EventID] = []
    /// What is taken back, of the batch too, and by which event.
    private var causes: [(event: EventID, by: EventID)] = []
    /// How many events each of the batch takes back, by its index.
    public private(set) var counts: [Int]

    /// The recipients and types whose live events the plan needs.
    public static func targets(of events: some Sequence<AdmittedEvent>) -> Set<Target> {
        Set(events.compactMap { admitted in admitted.retraction.map { target(of: $0, by: admitted.event) } })
    }

    /// - Parameters:
    ///   - events: the batch, without duplicates.
    ///   - live: the live events of the batch's targets.
    public init(_ events: [AdmittedEvent], live: [Event]) {
        self.events = events
        counts = Array(repeating: 0, count: events.count)
        var candidates = Candidates(events)
        guard !candidates.isEmpty else { return }
        for event in live { candidates.add(.live(event.id), event) }
        var gone: Set<Candidate> = []
        for (index, admitted) in events.enumerated() {
            if let retraction = admitted.retraction {
                for candidate in candidates.take(retraction, by: admitted.event)
                where gone.insert(candidate).inserted {
                    counts[index] += 1
                    switch candidate {
                    case .live(let id):
                        retracted.append(id)
                        causes.append((id, admitted.event.id))
                    case .batch(let earlier):
                        causes.append((events[earlier].event.id, admitted.event.id))
                        self.events[earlier] = AdmittedEvent(
                            events[earlier].event, .ended(reason: Retraction.reason))
                    }
                }
            }
            if case .ended = admitted.admission { continue }
            candidates.add(.batch(index), admitted.event)
        }
    }

    /// What is noted of the events that end, so that their histories name the event that took them back.
    public func notes(at moment: Timestamp) -> [HistoryNote] {
        causes.map {
            HistoryNote(subject: .event($0.event), at: moment, step: .retracted, reason: $0.by.description)
        }
    }

    private static func target(of retraction: Retraction, by event: Event) -> Target {
        Target(recipient: event.recipient, type: retraction.type)
    }

    private enum Candidate: Hashable {
        case live(EventID)
        case batch(Int)
    }

    /// The events that may be retracted, by the compared fields and their values, so that no event is compared twice.
    private struct Candidates {
        private var values: [Target: [[PayloadField]: [RetractionKey: [Candidate]]]] = [:]

        init(_ events: [AdmittedEvent]) {
            for admitted in events {
                guard let retraction = admitted.retraction else { continue }
                values[target(of: retraction, by: admitted.event), default: [:]][retraction.fields] = [:]
            }
        }

        var isEmpty: Bool { values.isEmpty }

        mutating func add(_ candidate: Candidate, _ event: Event) {
            let target = Target(event)
            for fields in values[target, default: [:]].keys {
                guard let key = RetractionKey(fields, of: event) else { continue }
                values[target]?[fields]?[key, default: []].append(candidate)
            }
        }

        mutating func take(_ retraction: Retraction, by event: Event) -> [Candidate] {
            values[target(of: retraction, by: event)]?[retraction.fields]?.removeValue(forKey: retraction.key) ?? []
        }
    }
}
