import SheafCore

/// Divides events into windows as the debouncer would have if each had come at the moment it was accepted.
///
/// It holds the ids of events whose windows are open, and nothing of closed windows.
struct ReplayWindows {
    private struct Open {
        var state: WindowState
        var events: [ReplayEvent]
    }

    private var open: [WindowKey: Open] = [:]

    /// Takes the next event.
    ///
    /// - Parameters:
    ///   - moment: when the event comes; never earlier than the previous event.
    ///   - zone: the recipient's time zone, if set.
    /// - Returns: the units that are complete by then.
    mutating func admit(
        _ event: ReplayEvent, key ownKey: WindowKey, at moment: Timestamp, delivery: DeliveryPolicy, zone: String? = nil
    ) -> [ReplayUnit] {
        let (rule, key): (ClosingRule, WindowKey)
        switch delivery {
        case .immediate:
            return [ReplayUnit(type: ownKey.type, recipient: ownKey.recipient, window: nil, events: [event])]
        case .debounced(let policy): (rule, key) = (.policy(policy), ownKey)
        case .scheduled(let schedule):
            (rule, key) = (.schedule(schedule), delivery.windowKey(ownKey))
        }
        let (state, outcome) = WindowState.admit(
            event.id, bytes: event.bytes, to: open[key]?.state, at: moment, rule: rule
        ) { $0.next(after: moment, in: zone) }
        var units = outcome == .joined ? [] : close(key)
        open[key, default: Open(state: state, events: [])].state = state
        if outcome == .leading {
            units.append(ReplayUnit(type: key.type, recipient: key.recipient, window: nil, events: [event]))
        } else {
            open[key]?.events.append(event)
        }
        if state.isDue(at: moment) { units += close(key) }
        return units
    }

    /// Closes the windows due at `moment`, oldest first; all windows if it is `nil`.
    mutating func close(dueAt moment: Timestamp? = nil) -> [ReplayUnit] {
        let due = open.filter { window in moment.map { window.value.state.isDue(at: $0) } ?? true }
        let keys = due.sorted { left, right in
            (left.value.state.openedAt, left.key.description) < (right.value.state.openedAt, right.key.description)
        }
        return keys.flatMap { close($0.key) }
    }

    private mutating func close(_ key: WindowKey) -> [ReplayUnit] {
        guard let window = open.removeValue(forKey: key), !window.events.isEmpty else { return [] }
        let closed = WindowSpan(key: key, openedAt: window.state.openedAt, closesAt: window.state.closesAt)
        return [ReplayUnit(type: key.type, recipient: key.recipient, window: closed, events: window.events)]
    }
}
