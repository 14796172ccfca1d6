/// Makes claimed windows wait, and merges windows of the same key, as a value: a younger window's events move into the
/// older one, whose wait does not change.
public struct WindowMerging: Sendable {
    public struct Window: Hashable, Sendable {
        public let id: WindowID
        public let key: WindowKey
        public fileprivate(set) var token: Int64
        public let isAlone: Bool
        public fileprivate(set) var due: Timestamp
        public fileprivate(set) var reason: WaitReason?
        public fileprivate(set) var attempt: Int
        public fileprivate(set) var events: Int
        public fileprivate(set) var bytes: Int
        fileprivate var isChanged = false

        public init(
            id: WindowID, key: WindowKey, token: Int64, isAlone: Bool, due: Timestamp, reason: WaitReason?,
            attempt: Int, events: Int, bytes: Int
        ) {
            self.id = id
            self.key = key
            self.token = token
            self.isAlone = isAlone
            self.due = due
            self.reason = reason
            self.attempt = attempt
            self.events = events
            self.bytes = bytes
        }
    }

    private let now: Timestamp
    private var windows: [WindowID: Window] = [:]
    private var waiting: [WindowKey: Set<WindowID>] = [:]
    /// The target windows of events whose windows were merged into others.
    public private(set) var moves: [WindowID: WindowID] = [:]

    /// - Parameters:
    ///   - windows: the windows that are to wait, and the waiting windows of their keys.
    ///   - ids: which of them already wait.
    public init(_ windows: [Window], waiting ids: Set<WindowID>, at now: Timestamp) {
        self.now = now
        for window in windows {
            self.windows[window.id] = window
            if ids.contains(window.id), !window.isAlone { waiting[window.key, default: []].insert(window.id) }
        }
    }

    /// Waiting windows that must be written.
    public var changed: [Window] { windows.values.filter(\.isChanged).sorted { $0.id < $1.id } }

    /// Makes the postponement's window wait, unless its claim is not held any more.
    public mutating func add(_ postponement: Postponement) {
        let claim = postponement.claim
        guard var window = windows[claim.id], window.token != 0, window.token == claim.token else { return }
        window.token = 0
        window.due = now + max(postponement.delay, .zero)
        window.reason = postponement.reason
        window.isChanged = true
        let others = waiting[window.key, default: []].compactMap { windows[$0] }
            .filter {
                $0.events.addingClamped(window.events) <= postponement.maxEvents
                    && $0.bytes.addingClamped(window.bytes) <= WindowState.mostBytes
            }
        if let other = others.min(by: { $0.id < $1.id }), !window.isAlone {
            merge(window, with: other)
        } else {
            windows[window.id] = window
            if !window.isAlone { waiting[window.key, default: []].insert(window.id) }
        }
    }

    private mutating func merge(_ window: Window, with other: Window) {
        var (older, younger) = other.id < window.id ? (other, window) : (window, other)
        (older.due, older.reason) = (other.due, other.reason)
        older.attempt = max(older.attempt, younger.attempt)
        older.events = older.events.addingClamped(younger.events)
        older.bytes = older.bytes.addingClamped(younger.bytes)
        older.isChanged = true
        windows[older.id] = older
        windows[younger.id] = nil
        waiting[window.key, default: []].remove(younger.id)
        waiting[window.key, default: []].insert(older.id)
        // Includes events that had moved into the younger window before.
        for (origin, target) in moves where target == younger.id { moves[origin] = older.id }
        moves[younger.id] = older.id
    }
}
