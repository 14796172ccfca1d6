internal import SheafCore

/// The windows of an example's events, by the same rule of admission as the stores'.
struct ExampleWindows {
    struct Window {
        let id: WindowID
        let key: WindowKey
        let isAlone: Bool
        let suppression: String?
        var state: WindowState
        var isClosed: Bool
        var events: [Event] = []

        /// When its events are told.
        var endedAt: Timestamp { state.closesAt }
    }

    private var windows: [Window] = []

    /// Admits the next event; none came later.
    mutating func add(_ event: Event, _ admission: Admission, at now: Timestamp, zone: String) {
        let open = windows.filter { !$0.isClosed && $0.key == event.windowKey }
        var plan = WindowPlan(at: now, open: open.map { ($0.id, $0.key, $0.state) }, zones: [event.recipient: zone])
        guard let place = plan.add(AdmittedEvent(event, admission)) else { return }
        for (index, planned) in plan.windows.enumerated() {
            var window =
                planned.id.map { windows[Int($0)] }
                ?? Window(
                    id: WindowID(windows.count), key: planned.key, isAlone: planned.isAlone,
                    suppression: planned.suppression, state: planned.state, isClosed: planned.isClosed)
            window.state = planned.state
            window.isClosed = planned.isClosed
            if index == place { window.events.append(event) }
            if planned.id == nil { windows.append(window) } else { windows[Int(window.id)] = window }
        }
    }

    /// All windows that had events, in the order they ended.
    var ended: [Window] {
        windows.filter { !$0.events.isEmpty }.sorted { ($0.endedAt, $0.id) < ($1.endedAt, $1.id) }
    }
}
