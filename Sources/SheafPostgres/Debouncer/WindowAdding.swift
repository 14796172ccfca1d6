import SheafCore

/// Adds events to windows that were read and locked before, and notes what is to be written: a batch costs the same
/// few statements whatever it holds.
struct WindowAdding {
    /// A window of the batch: read from the database, or opened here.
    final class Window {
        /// `nil` for one that was opened here.
        let id: WindowID?
        let key: WindowKey
        var state: WindowRow.State
        var window: WindowState
        /// The events of the batch that wait in it; with those it had before.
        var events: Set<EventID>
        var newEvents: [EventID] = []
        var isChanged = false

        init(id: WindowID?, key: WindowKey, state: WindowRow.State, window: WindowState, events: Set<EventID>) {
            self.id = id
            self.key = key
            self.state = state
            self.window = window
            self.events = events
        }
    }

    private struct KeyWindows {
        var open: Window?
        var others: [Window] = []
    }

    private let now: Timestamp
    private var keys: [WindowKey: KeyWindows] = [:]
    /// All windows that are to be written, in the order they were met with.
    private(set) var opened: [Window] = []

    /// - Parameters:
    ///   - rows: all windows of the batch's keys.
    ///   - events: those of the batch's events that wait in them.
    init(now: Timestamp, rows: [WindowRow], events: [WindowID: Set<EventID>]) {
        self.now = now
        for row in rows {
            let window = Window(
                id: row.id, key: row.key, state: row.state, window: row.window, events: events[row.id] ?? [])
            if row.state == .open {
                keys[row.key, default: KeyWindows()].open = window
            } else {
                keys[row.key, default: KeyWindows()].others.append(window)
            }
        }
    }

    /// Windows read from the database that changed.
    var changed: [Window] {
        keys.values.flatMap { $0.others + [$0.open].compactMap(\.self) }.filter { $0.id != nil && $0.isChanged }
    }

    /// All windows in which events of the batch are to wait.
    var filled: [Window] {
        keys.values.flatMap { $0.others + [$0.open].compactMap(\.self) }.filter { !$0.newEvents.isEmpty }
    }

    mutating func add(_ entry: DebounceEntry) -> DebounceAdmission {
        var windows = keys[entry.key] ?? KeyWindows()
        defer { keys[entry.key] = windows }
        if windows.others.contains(where: { $0.events.contains(entry.event) }) {
            return DebounceAdmission(outcome: .known, dueIn: .zero)
        }
        if let open = windows.open {
            if open.window.leader == entry.event { return admission(.leading, open) }
            if open.events.contains(entry.event) { return admission(.known, open) }
            if !open.window.isDue(at: now) {
                wait(entry.event, in: open)
                open.window.admit(at: now, policy: entry.policy)
                return admission(.joined, open)
            }
            // It takes no more.
            open.state = .closed
            open.isChanged = true
            windows.others.append(open)
        }
        let (state, outcome) = WindowState.open(with: entry.event, at: now, policy: entry.policy)
        let window = Window(id: nil, key: entry.key, state: .open, window: state, events: [])
        if outcome == .waiting { wait(entry.event, in: window) }
        windows.open = window
        opened.append(window)
        return admission(outcome == .leading ? .leading : .opened, window)
    }

    private func wait(_ event: EventID, in window: Window) {
        window.events.insert(event)
        window.newEvents.append(event)
        window.isChanged = true
    }

    private func admission(_ outcome: DebounceAdmission.Outcome, _ window: Window) -> DebounceAdmission {
        DebounceAdmission(outcome: outcome, dueIn: max(.zero, window.window.closesAt - now))
    }
}
