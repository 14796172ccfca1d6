internal import SheafCore

extension TypeFileReader {
    /// The members of a delivery in a file.
    static let deliveryMembers = ["mode", "window", "max_wait", "max_events", "at", "days"]

    mutating func delivery(_ value: Value) -> TypeDelivery? {
        if case .text(let text) = value.node {
            if text.text == "immediate" { return .immediate }
            log.add(value, "\(text.text.shown) is no delivery; write immediate, {window: 5m} or {at: \"09:00\"}")
            return nil
        }
        guard let members = value.members(Self.deliveryMembers, &log, or: "immediate, {window: 5m} or {at: \"09:00\"}")
        else { return nil }
        if let at = members["at"] { return schedule(at, members) }
        if let days = members["days"] { log.add(days, "needs at, the time of day, as {at: \"09:00\", days: [mon]}") }
        return window(members)
    }

    private mutating func window(_ members: Members) -> TypeDelivery? {
        let usual = WindowPolicy()
        let mode: WindowPolicy.Mode? = members["mode"].map { $0.choice(&log) } ?? usual.mode
        let length = members["window"].map { $0.duration(&log) } ?? usual.length
        let maxWait = members["max_wait"].map { $0.duration(&log) } ?? max(usual.maxWait, length ?? .zero)
        let maxEvents = members["max_events"].map { $0.wholeNumber(atLeast: 1, &log) } ?? usual.maxEvents
        guard let mode, let length, let maxWait, let maxEvents else { return nil }
        if mode == .sliding, maxWait < length, let value = members["max_wait"] {
            log.add(
                value,
                "\(maxWait.text) is less than the window, \(length.text); a sliding window waits at least that long")
        }
        return .window(WindowPolicy(mode: mode, length: length, maxWait: maxWait, maxEvents: maxEvents))
    }

    private mutating func schedule(_ at: Value, _ members: Members) -> TypeDelivery? {
        for name in ["mode", "window", "max_wait", "max_events"] {
            if let member = members[name] { log.add(member, "does not go with at, which closes windows by the clock") }
        }
        let days = members["days"].map { self.days($0) } ?? Set(DeliverySchedule.Day.allCases)
        guard let text = at.text(&log, or: "a time of day")?.text else { return nil }
        guard let time = TimeOfDay(text) else {
            log.add(at, "\(text.shown) is no time of day; write \"09:00\"")
            return nil
        }
        return days.map { .scheduled(DeliverySchedule(at: time, days: $0)) }
    }

    private mutating func days(_ value: Value) -> Set<DeliverySchedule.Day>? {
        guard let list = value.list(&log, or: "a list of days, as [mon, thu]") else { return nil }
        if list.isEmpty { log.add(value, "is empty; name a day, as [mon], or take it away for every day") }
        var days: Set<DeliverySchedule.Day> = []
        for element in list {
            guard let day: DeliverySchedule.Day = element.choice(&log) else { continue }
            if !days.insert(day).inserted { log.add(element, "\(day.rawValue) stands twice; keep one of them") }
        }
        return days
    }
}
