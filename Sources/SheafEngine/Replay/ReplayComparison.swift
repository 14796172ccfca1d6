import SheafCore

/// Compares a replay's notifications with the earlier ones. It remembers only windows of which some events are still to
/// come.
struct ReplayComparison {
    private struct Part {
        let total: Int
        var events = 0
        var units = 0
    }

    private var parts: [WindowID: Part] = [:]
    private(set) var result = ReplayResult()

    /// Adds the result of one unit.
    ///
    /// - Parameters:
    ///   - composition: its current composition; `nil` if it cannot be composed.
    ///   - totals: how many events each of the unit's windows had; a missing window is not stored any more.
    ///   - former: the earlier notification of exactly these windows, if there is one.
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

    /// The change if exactly the same events were digested together before.
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

    /// Records an event that was skipped.
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

    /// The comparison after all events were added.
    func finished() -> ReplayResult {
        var result = result
        result.cut = parts.count
        return result
    }
}
