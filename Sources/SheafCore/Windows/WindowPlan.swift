/// How an event is admitted when it is accepted.
public enum Admission: Hashable, Sendable {
    /// It gets a window of its own that is due at once.
    case alone
    /// It joins the open window of its key, or opens one.
    case window(WindowPolicy)
    /// It joins the open window of its recipient and type, or opens one that closes at a time of day.
    case scheduled(DeliverySchedule)
    /// Its window lives outside the store: it gets none yet.
    case relayed
    /// It ends at once, suppressed with this reason, in a window of its own that nothing joins.
    case ended(reason: String)

    /// Whether the event gets a window that no other event joins.
    public var isAlone: Bool {
        switch self {
        case .alone, .ended: true
        case .window, .scheduled, .relayed: false
        }
    }
}

/// An event together with how it is admitted.
public struct AdmittedEvent: Hashable, Sendable {
    public let event: Event
    public let admission: Admission
    /// What it retracts; `nil` if nothing.
    public let retraction: Retraction?
    /// The revision of declared types with which it was checked; 0 if its type is built in.
    public let revision: Int

    public init(
        _ event: Event, _ admission: Admission, retracting retraction: Retraction? = nil, revision: Int = 0
    ) {
        self.event = event
        self.admission = admission
        self.retraction = retraction
        self.revision = revision
    }

    /// The key of the window that it joins or opens; `nil` if it joins none.
    var windowKey: WindowKey? {
        switch admission {
        case .window: event.windowKey
        case .scheduled(let schedule): DeliveryPolicy.scheduled(schedule).windowKey(event.windowKey)
        case .alone, .relayed, .ended: nil
        }
    }
}

/// Which windows a batch of events opens, joins and closes, as a value.
///
/// A SQL driver reads and locks the open windows of ``keys(of:)``, adds the events in order, and writes the plan's
/// windows.
public struct WindowPlan: Sendable {
    /// A window that the batch opened or changed.
    public struct Window: Hashable, Sendable {
        /// `nil` if the batch opened it.
        public let id: WindowID?
        public let key: WindowKey
        /// Whether it holds a single event that no other joins: an immediate or a leading one.
        public let isAlone: Bool
        /// Why it ended as soon as it opened, with its event suppressed; `nil` if it is live.
        public let suppression: String?
        public fileprivate(set) var state: WindowState
        /// Whether its key may open another window: this one was due when an event came.
        public fileprivate(set) var isClosed: Bool
        public fileprivate(set) var isChanged = false
        /// When it would have closed before the batch.
        fileprivate let formerlyClosesAt: Timestamp

        /// Whether the batch changed when it closes.
        public var isMoved: Bool { state.closesAt != formerlyClosesAt }

        fileprivate init(
            id: WindowID?, key: WindowKey, isAlone: Bool = false, suppression: String? = nil, state: WindowState,
            isClosed: Bool = false
        ) {
            self.suppression = suppression
            self.id = id
            self.key = key
            self.isAlone = isAlone
            self.state = state
            self.isClosed = isClosed
            formerlyClosesAt = state.closesAt
        }
    }

    /// The moment of the batch: read after the windows are locked.
    private let now: Timestamp
    /// The windows by the index that ``add(_:)`` returns.
    public private(set) var windows: [Window] = []
    private var open: [WindowKey: Int] = [:]
    private let zones: [RecipientID: String]
    /// What the windows that were read count for.
    private let before: StoreCounts
    /// The next occurrence of each schedule in each zone: windows that open together mostly close together.
    private var occurrences: [DeliverySchedule: [String?: Timestamp]] = [:]
    /// The earliest moment at which a window of the batch is due; `nil` if there is none.
    public private(set) var dueAt: Timestamp?

    /// - Parameters:
    ///   - open: the open windows of the batch's keys.
    ///   - zones: the time zones of the recipients of ``recipients(of:)``.
    public init(
        at now: Timestamp, open: [(id: WindowID, key: WindowKey, state: WindowState)] = [],
        zones: [RecipientID: String] = [:]
    ) {
        self.now = now
        self.zones = zones
        before = StoreCounts(events: open.reduce(0) { $0 + $1.state.events }, windows: open.count)
        for window in open {
            self.open[window.key] = windows.count
            windows.append(Window(id: window.id, key: window.key, state: window.state))
        }
    }

    /// The keys whose open windows the plan needs.
    public static func keys(of events: some Sequence<AdmittedEvent>) -> Set<WindowKey> {
        Set(events.compactMap(\.windowKey))
    }

    /// The recipients whose time zones the plan needs.
    public static func recipients(of events: some Sequence<AdmittedEvent>) -> Set<RecipientID> {
        Set(
            events.compactMap { admitted in
                if case .scheduled = admitted.admission { admitted.event.recipient } else { nil }
            })
    }

    /// Admits the next event of the batch.
    /// - Returns: the index of its window in ``windows``; `nil` if it gets none.
    public mutating func add(_ admitted: AdmittedEvent) -> Int? {
        switch admitted.admission {
        case .relayed: return nil
        case .alone: return addAlone(admitted.event)
        case .ended(let reason): return addAlone(admitted.event, suppression: reason)
        case .window(let policy): return add(admitted, .policy(policy))
        case .scheduled(let schedule): return add(admitted, .schedule(schedule))
        }
    }

    /// By how much the batch changes the counts of live windows.
    public var counts: StoreCounts {
        let live = windows.lazy.filter { $0.suppression == nil }
        return StoreCounts(
            events: live.reduce(-before.events) { $0 + $1.state.events },
            windows: live.count { !$0.isClosed } - before.windows)
    }

    /// Existing windows that the batch changed.
    public var changed: [Window] { windows.filter { $0.id != nil && $0.isChanged } }

    private mutating func add(_ admitted: AdmittedEvent, _ rule: ClosingRule) -> Int? {
        guard let key = admitted.windowKey else { return nil }
        let event = admitted.event
        let index = open[key]
        let (state, outcome) = WindowState.admit(
            event.id, bytes: event.payloadBytes, to: index.map { windows[$0].state }, at: now, rule: rule
        ) { next($0, of: event.recipient) }
        if let index {
            windows[index].isChanged = true
            if outcome == .joined {
                windows[index].state = state
                note(dueAt: state.closesAt)
                return index
            }
            windows[index].isClosed = true
            note(dueAt: now)
        }
        open[key] = append(Window(id: nil, key: key, state: state))
        return outcome == .leading ? addAlone(event) : windows.count - 1
    }

    private mutating func next(_ schedule: DeliverySchedule, of recipient: RecipientID) -> Timestamp {
        let zone = zones[recipient]
        if let known = occurrences[schedule]?[zone] { return known }
        let due = schedule.next(after: now, in: zone)
        occurrences[schedule, default: [:]][zone] = due
        return due
    }

    private mutating func addAlone(_ event: Event, suppression: String? = nil) -> Int {
        append(
            Window(
                id: nil, key: event.windowKey, isAlone: true, suppression: suppression,
                state: WindowState(
                    openedAt: now, closesAt: now, events: 1, bytes: event.payloadBytes, leader: nil),
                isClosed: true))
    }

    private mutating func append(_ window: Window) -> Int {
        if window.suppression == nil { note(dueAt: window.state.closesAt) }
        windows.append(window)
        return windows.count - 1
    }

    private mutating func note(dueAt moment: Timestamp) { dueAt = min(dueAt ?? moment, moment) }
}
