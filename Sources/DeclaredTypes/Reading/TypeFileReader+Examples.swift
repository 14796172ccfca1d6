internal import Foundation
internal import MessageFormat
internal import SheafCore

extension TypeFileReader {
    mutating func examples(_ value: Value, _ hook: EnrichHook?) -> [TypeExample] {
        guard let list = value.list(&log, or: "a list of examples, as - name: …") else { return [] }
        if list.count > TypeExample.most { log.add(value, "has more than \(TypeExample.most) examples") }
        var names: Set<String> = []
        return list.compactMap { element in
            guard let members = element.members(TypeExample.members, &log, or: "name, events and expect") else {
                return nil
            }
            let name = members["name"].flatMap { $0.text(&log)?.text }
            if members["name"] == nil { members.missing("name", "say in a few words what it shows", &log) }
            if let name, !names.insert(name).inserted, let member = members["name"] {
                log.add(member, "two examples have the name \(name.shown); choose another")
            }
            return example(name ?? "", members, hook)
        }
    }

    private mutating func example(_ name: String, _ members: Members, _ hook: EnrichHook?) -> TypeExample? {
        if members["events"] == nil { members.missing("events", "list the events, as - data: {…}", &log) }
        if members["expect"] == nil {
            members.missing("expect", "write what is notified, as {list_title: …}, or {suppressed: reason}", &log)
        }
        let settings = members["settings"].flatMap { self.settings($0) }
        let language = members["locale"].flatMap { self.language($0) } ?? settings?.language
        let zone = members["time_zone"].flatMap { timeZone($0) } ?? settings?.timeZone
        let now = members["now"].flatMap { moment($0) } ?? TypeExample.usualNow
        let events = members["events"].flatMap { self.events($0) }
        let answer = members["enrich"].flatMap { self.answer($0, hook) }
        if let events, let answer = members["enrich"] { refuse(indexesBeyond: events.count, in: answer) }
        let expectation = members["expect"].flatMap { self.expectation($0) }
        guard let events, let expectation else { return nil }
        return TypeExample(
            name: name, language: language, timeZone: zone, now: now, hasSettings: settings?.hasOthers ?? false,
            events: events, answer: answer, answerPosition: members["enrich"]?.position ?? members.value.position,
            expectation: expectation, position: members.value.position)
    }

    // MARK: - Recipients

    private struct Settings {
        var language: LanguageTag?
        var timeZone: TimeZone?
        /// Whether there are others than these two.
        var hasOthers: Bool
    }

    private mutating func settings(_ value: Value) -> Settings? {
        let what = "settings of a recipient, as {quiet_hours: \"22:00-08:00\"}"
        guard let members = value.members(TypeExample.settingMembers, &log, or: what) else { return nil }
        if let member = members["quiet_hours"], let text = member.text(&log)?.text, QuietHours(text) == nil {
            log.add(member, "\(text.shown) are no quiet hours; write \"22:00-08:00\" or none")
        }
        if let member = members["daily_at"], let text = member.text(&log)?.text, TimeOfDay(text) == nil {
            log.add(member, "\(text.shown) is no time of day; write \"09:00\"")
        }
        for (name, member) in members["preferences"]?.members(&log, or: "categories, as {reviews: off}")?.all ?? [] {
            if !categories.contains(name.text) {
                log.add(
                    name.position,
                    "\(member.path): the category \(name.text.shown) is not declared"
                        + name.text.hint(among: categories))
            }
            guard let text = member.text(&log, or: "on, off or daily")?.text else { continue }
            if !["on", "off", "daily"].contains(text) { log.add(member, "\(text.shown) is not one of on, off, daily") }
        }
        return Settings(
            language: members["locale"].flatMap { language($0) },
            timeZone: members["time_zone"].flatMap { timeZone($0) },
            hasOthers: members.all.contains { $0.name.text != "locale" && $0.name.text != "time_zone" })
    }

    private mutating func language(_ value: Value) -> LanguageTag? {
        guard let text = value.text(&log, or: "a language")?.text else { return nil }
        if let language = LanguageTag(text) { return language }
        log.add(value, "\(text.shown) is no language that CLDR knows; write a tag as en or pt-BR")
        return nil
    }

    private mutating func timeZone(_ value: Value) -> TimeZone? {
        guard let text = value.text(&log, or: "a time zone")?.text else { return nil }
        if let zone = TimeZone(ianaName: text) { return zone }
        log.add(value, "\(text.shown) is no time zone; write a name of IANA's, as Europe/Moscow")
        return nil
    }

    private mutating func moment(_ value: Value) -> Timestamp? {
        guard let text = value.text(&log, or: "a moment")?.text else { return nil }
        if let moment = Timestamp(text) { return moment }
        log.add(value, "\(text.shown) is no moment; write 2026-01-05T12:00:00Z")
        return nil
    }

    // MARK: - Events

    private mutating func events(_ value: Value) -> [TypeExample.Event]? {
        guard let list = value.list(&log, or: "a list of events, as - data: {…}") else { return nil }
        if list.isEmpty { log.add(value, "is empty; list an event") }
        if list.count > TypeExample.most { log.add(value, "has more than \(TypeExample.most) events") }
        return list.compactMap { element in
            guard let members = element.members(TypeExample.eventMembers, &log, or: "data, and after if it comes later")
            else { return nil }
            var after = Duration.zero
            if let member = members["after"], let text = member.text(&log, or: "a duration")?.text {
                if let duration = Duration(text: text) {
                    after = duration
                } else {
                    log.add(member, "\(text.shown) is not a duration; write 500ms, 2s, 5m, 1h or 7d")
                }
            }
            guard let data = members["data"] else {
                members.missing("data", "write what the event holds, as {item_id: 7}", &log)
                return nil
            }
            guard case .members(let found, let position) = data.node else {
                log.add(data, "has no members; write what the event holds, as {item_id: 7}")
                return nil
            }
            return TypeExample.Event(after: after, data: json(of: found), position: position)
        }
    }

    /// The JSON of an event's `data`: declared fields by their types, everything else as text.
    private func json(of members: [SourceMember]) -> String {
        let parts = members.map { member in
            let field = fields.first { $0.name == member.name.text }
            return "\(SourceNode.quoted(member.name.text)):\(Self.json(of: member.value, field?.kind))"
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func json(of node: SourceNode, _ kind: DeclaredField.Kind?) -> String {
        guard case .text(let text) = node else { return node.canonical }
        switch kind {
        case .id, .integer:
            if let value = Int64(text.text) { return String(value) }
        case .number:
            if let value = Double(text.text), value.isFinite { return value.description }
        case .boolean:
            if text.text == "true" || text.text == "false" { return text.text }
        case .string, .time, .enumeration, nil: break
        }
        // What another type was expected of is refused when the event is read, as it would be in a request.
        return node.canonical
    }

    /// Complains of what a service would keep though no event has its index.
    private mutating func refuse(indexesBeyond count: Int, in answer: Value) {
        guard case .members(let members, _) = answer.node, let keep = Members(members, answer)["keep"],
            case .list(let elements, _) = keep.node
        else { return }
        for (index, element) in elements.enumerated() {
            guard case .text(let text) = element, let kept = Int(text.text), kept >= count else { continue }
            log.add(
                element.position,
                "\(keep.path)[\(index)]: no event has the index \(kept); there are \(count), and the first is 0")
        }
    }

    /// What the service answers, by the rules that its own answers are read by.
    mutating func answer(_ value: Value, _ hook: EnrichHook?) -> EnrichAnswer? {
        guard let hook else {
            log.add(value, "the type has no enrich, so no service would answer; take it away")
            return nil
        }
        let what = "what the service answers, as {variables: {title: …}}"
        guard let members = value.members(["variables", "keep", "suppress"], &log, or: what) else { return nil }
        if members.all.isEmpty, !hook.returns.isEmpty { log.add(value, "is empty; write variables, keep or suppress") }
        var answer = EnrichAnswer()
        let variables = members["variables"]?.members(&log, or: "variables, as {title: …}")
        if let variables, let missing = hook.returns.keys.sorted().first(where: { variables[$0] == nil }) {
            log.add(
                variables.value, "\(missing) is missing; a service has to return all that enrich.returns has")
        }
        for (name, member) in variables?.all ?? [] {
            guard let kind = hook.returns[name.text] else {
                log.add(
                    name.position,
                    "\(member.path): enrich.returns has no variable of this name"
                        + name.text.hint(among: hook.returns.keys))
                continue
            }
            guard let text = member.text(&log)?.text else { continue }
            if let value = EnrichAnswer.Value(text, kind) {
                answer.variables[name.text] = value
            } else {
                log.add(member, "\(text.shown) does not fit \(kind.text), as enrich.returns has it")
            }
        }
        if let keep = members["keep"], let list = keep.list(&log, or: "a list of indexes, as [0, 2]") {
            answer.kept = Set(list.compactMap { $0.wholeNumber(atLeast: 0, &log) })
        }
        if let member = members["suppress"], let text = member.text(&log)?.text {
            answer.suppression = text
            if !EnrichAnswer.isReason(text) {
                log.add(member, "is no reason; write up to 40 lower-case letters and underscores")
            }
        }
        return answer
    }

    // MARK: - Expectations

    private mutating func expectation(_ value: Value) -> TypeExample.Expectation? {
        if case .list = value.node, let list = value.list(&log, or: "") {
            return .notifications(list.compactMap { notification($0) })
        }
        guard let members = value.members(TypeExample.expectationMembers, &log, or: "texts, or {suppressed: reason}")
        else { return nil }
        guard let suppressed = members["suppressed"] else { return .notifications([notification(members)]) }
        if members.all.count > 1 {
            log.add(suppressed, "stands alone: suppressed events give no notification")
        }
        return suppressed.text(&log).map { .suppressed($0) }
    }

    private mutating func notification(_ value: Value) -> TypeExample.ExpectedNotification? {
        let known = TypeExample.expectationMembers.filter { $0 != "suppressed" }
        return value.members(known, &log, or: "texts, as {list_title: …}").map { notification($0) }
    }

    private mutating func notification(_ members: Members) -> TypeExample.ExpectedNotification {
        var texts: [TypeTexts.Part: SourceText] = [:]
        for part in TypeTexts.Part.allCases {
            if let member = members[part.rawValue], let text = member.text(&log) { texts[part] = text }
        }
        var at: (Timestamp, SourcePosition)?
        if let member = members["at"], let moment = moment(member) { at = (moment, member.position) }
        if members.all.isEmpty { log.add(members.value, "is empty; write at least one text, as list_title: …") }
        return TypeExample.ExpectedNotification(texts: texts, at: at, position: members.value.position)
    }
}

extension EnrichAnswer.Value {
    /// The value that a text writes; `nil` if it is of another kind.
    init?(_ text: String, _ kind: DeclaredField.Kind) {
        switch kind {
        case .id, .integer:
            guard let value = Int64(text) else { return nil }
            self = .integer(value)
        case .number:
            guard let value = Double(text), value.isFinite else { return nil }
            self = .number(value)
        case .boolean:
            guard text == "true" || text == "false" else { return nil }
            self = .boolean(text == "true")
        case .time:
            guard let value = Timestamp(text) else { return nil }
            self = .time(microseconds: value.microseconds)
        case .string, .enumeration: self = .text(text)
        }
    }
}

extension TimeZone {
    /// The zone of a name of IANA's; `nil` for anything else, also for offsets.
    init?(ianaName: String) {
        guard ianaName == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(ianaName) || ianaName.contains("/"),
            !ianaName.contains(".."), let zone = TimeZone(identifier: ianaName)
        else { return nil }
        self = zone
    }
}
