/// When the events of a type are notified.
public enum DeliveryPolicy: Hashable, Sendable {
    /// Each event at once, on its own.
    case immediate
    /// The events of one window together.
    case debounced(WindowPolicy)
    /// The events of a recipient together, at a time of day.
    case scheduled(DeliverySchedule)

    /// Whether events wait for others.
    public var collects: Bool { self != .immediate }

    /// The window key for an event with this key. For a time of day a recipient gets one notification a day, whatever
    /// the key.
    public func windowKey(_ key: WindowKey) -> WindowKey {
        if case .scheduled = self { WindowKey(type: key.type, recipient: key.recipient, part: nil) } else { key }
    }

    /// The maximum number of events in one notification.
    public var maxEvents: Int {
        switch self {
        case .immediate: 1
        case .debounced(let policy): policy.maxEvents
        case .scheduled(let schedule): schedule.maxEvents
        }
    }
}

/// How long a window stays open.
public struct WindowPolicy: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Closes one length after its first event.
        case tumbling
        /// Closes one length after its last event, at most ``WindowPolicy/maxWait`` after its first.
        case sliding
        /// The first event is notified at once; events that follow within the length share a window.
        case leading
    }

    public let mode: Mode
    public let length: Duration
    /// The longest time that a sliding window stays open.
    public let maxWait: Duration
    /// The number of events at which a window closes at once.
    public let maxEvents: Int

    public init(
        mode: Mode = .tumbling, length: Duration = .seconds(60), maxWait: Duration = .seconds(600),
        maxEvents: Int = 10_000
    ) {
        self.mode = mode
        self.length = length
        self.maxWait = maxWait
        self.maxEvents = maxEvents
    }

    /// The longest time that any window of this policy stays open.
    public var longest: Duration { mode == .sliding ? max(length, maxWait) : length }
}
