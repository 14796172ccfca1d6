import SheafCore

extension MemoryTransaction {
    func retract(_ events: [EventID]) throws -> [EventID] {
        let live = Set(events).sorted().filter { tables.isLive($0) }
        removeEmpty(end(live))
        return live
    }

    /// Ends live events, each in a window of its own.
    /// - Returns: the windows that they were in.
    func end(_ events: [EventID]) -> Set<WindowID> {
        var left: Set<WindowID> = []
        for id in events {
            guard var row = tables.events[id] else { continue }
            if let former = row.window, var window = tables.windows[former] {
                window.state = window.state.with(events: window.state.events - 1)
                window.revision += 1
                set(window, for: former)
                left.insert(former)
            }
            let own = newWindowID()
            set(
                EndedWindow(
                    id: own, span: WindowSpan(key: row.event.windowKey, openedAt: now, closesAt: now),
                    isAlone: true, events: 1, endedAt: now, notification: nil, reason: Retraction.reason),
                for: own, in: \.ended)
            row.window = own
            set(row, for: id)
        }
        return left
    }

    /// Deletes those of `windows` without events, unless the window's leading event was already notified.
    func removeEmpty(_ windows: Set<WindowID>) {
        for id in windows {
            guard let window = tables.windows[id], window.state.events == 0,
                !window.isOpen || window.state.leader == nil
            else { continue }
            set(nil, for: id)
        }
    }
}

extension MemoryTables {
    /// Whether the event waits, in a live window or for one.
    fileprivate func isLive(_ id: EventID) -> Bool {
        guard let row = events[id], row.outcome == nil else { return false }
        return row.window.map { windows[$0] != nil } ?? true
    }

    /// The live events of these recipients and types.
    /// - Parameter batch: events that are not stored yet.
    func liveEvents(of targets: Set<RetractionPlan.Target>, beside batch: [AdmittedEvent]) -> [Event] {
        guard !targets.isEmpty else { return [] }
        let batch = Set(batch.map(\.event.id))
        return events.values.map(\.event)
            .filter { targets.contains(.init($0)) && isLive($0.id) && !batch.contains($0.id) }
    }
}
