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

        /// When its events are notified.
        var endedAt: Timestamp { state.closesAt }
    }

    private var windows: [Window] = []

    /// How many events were taken back.
    private(set) var retracted = 0

    /// Admits the next event; none came later.
    mutating func add(_ admitted: AdmittedEvent, at now: Timestamp, zone: String) {
        let left = takeBack(admitted, at: now)
        defer { for id in left where windows[id].events.isEmpty { windows[id].isClosed = true } }
        let event = admitted.event
        let open = windows.filter { !$0.isClosed && $0.key == event.windowKey }
        var plan = WindowPlan(at: now, open: open.map { ($0.id, $0.key, $0.state) }, zones: [event.recipient: zone])
        guard let place = plan.add(admitted) else { return }
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

    /// Ends what the event takes back.
    /// - Returns: the windows that it was in, by index.
    private mutating func takeBack(_ admitted: AdmittedEvent, at now: Timestamp) -> [Int] {
        let live = windows.filter { $0.suppression == nil && $0.endedAt > now }.flatMap(\.events)
        let gone = Set(RetractionPlan([admitted], live: live).retracted)
        let left = windows.indices.filter { index in windows[index].events.contains { gone.contains($0.id) } }
        for index in left {
            windows[index].events.removeAll { gone.contains($0.id) }
            windows[index].state = windows[index].state.with(events: windows[index].events.count)
        }
        retracted += gone.count
        return left
    }

    /// All windows that had events, in the order they ended.
    var ended: [Window] {
        windows.filter { !$0.events.isEmpty }.sorted { ($0.endedAt, $0.id) < ($1.endedAt, $1.id) }
    }
}
