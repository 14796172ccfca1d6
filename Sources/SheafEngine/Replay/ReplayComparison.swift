import SheafCore

/// Compares what a replay composes with what had been told. It remembers the windows of which some events are still
/// to come, and no others.
struct ReplayComparison {
    private struct Part {
        let total: Int
        var events = 0
        var units = 0
    }

    private var parts: [WindowID: Part] = [:]
    private(set) var result = ReplayResult()

    /// Takes what became of one unit.
    ///
    /// - Parameters:
    ///   - composition: what is said of it now; `nil` if it cannot be worded.
    ///   - totals: how many events each of the unit's windows had; one that is missing is not stored any more.
    ///   - former: the notification that had been composed of just these windows, if there is but one.
    mutating func add(
        _ unit: ReplayUnit, _ composition: Composition?, totals: [WindowID: Int], former: NotificationContent?
    ) -> ReplayDifference? {
        let (windows, known) = (unit.formerWindows, Set(parts.keys))
        var isSplit = false
        for id in windows {
            let own = unit.events.filter { $0.window == id }
            if parts[id] == nil {
                parts[id] = Part(total: totals[id] ?? .max)
                result.windowsBefore += 1
                if own.contains(where: \.wasNotified) { result.notificationsBefore += 1 }
            }
            parts[id]?.events += own.count
            parts[id]?.units += 1
            if parts[id]?.units == 2 { result.split += 1 }
            if known.contains(id) { isSplit = true }
            if let part = parts[id], part.events >= part.total { parts[id] = nil }
        }
        result.windowsNow += 1
        if windows.count > 1 { result.merged += 1 }
        count(composition)
        let isWhole = windows.count == 1 && !isSplit && totals[windows[0]] == unit.events.count
        let change = isWhole ? change(unit, composition, former) : nil
        if case .reworded = change { result.reworded += 1 }
        guard windows.count > 1 || isSplit || change != nil else { return nil }
        return ReplayDifference(
            unit: unit, merges: windows.count > 1 ? windows.count : nil, continues: isSplit, change: change)
    }

    private mutating func count(_ composition: Composition?) {
        switch composition {
        case .notification: result.notificationsNow += 1
        case .suppressed: result.suppressedNow += 1
        case nil: result.failed += 1
        }
    }

    /// What is said otherwise of just the events that were bound together.
    private func change(
        _ unit: ReplayUnit, _ composition: Composition?, _ former: NotificationContent?
    ) -> ReplayDifference.Change? {
        let wasNotified = unit.events.contains(where: \.wasNotified)
        switch composition {
        case .notification(let content):
            guard wasNotified else { return .notified(content) }
            return former.flatMap { $0 == content ? nil : .reworded(from: $0, to: content) }
        case .suppressed(let reason): return wasNotified ? .suppressed(reason) : nil
        case nil: return .failed
        }
    }

    /// Notes an event that is left out.
    mutating func leaveOut(_ status: EventStatus) {
        switch status {
        case .new: result.waiting += 1
        case .dead: result.dead += 1
        case .processed, .suppressed: result.unknown += 1
        }
    }

    mutating func take(_ count: Int) { result.events += count }

    mutating func enqueue(_ count: Int, of units: Int) {
        result.enqueued += count
        result.passedOver += units - count
    }

    /// The comparison once all events were taken.
    func finished() -> ReplayResult {
        var result = result
        result.cut = parts.count
        return result
    }
}
