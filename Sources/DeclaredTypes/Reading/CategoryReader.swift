internal import MessageFormat
internal import SheafCore

/// Reads `_categories.yaml`.
struct CategoryReader {
    /// The file's name.
    static let file = "_categories.yaml"
    /// The members of a category.
    static let members = ["title", "description", "optional", "cap", "max_wait", "quiet_hours", "was"]

    /// Those that are read and take no effect yet.
    static let membersWithoutEffect = ["optional", "cap", "max_wait", "quiet_hours"]

    var log: MistakeLog

    init(file: String) { log = MistakeLog(file: file) }

    mutating func read(_ root: SourceNode) -> [Category] {
        guard
            let members = Value(node: root, path: "").members(
                &log, or: "categories, as reviews: {title: {en: Reviews}}")
        else { return [] }
        let categories = members.all.compactMap { name, value in
            guard name.text.isName else {
                log.add(
                    name.position,
                    "\(value.path): is no name of a category; write lower-case letters, digits and underscores")
                return Category?.none
            }
            return category(name.text, value)
        }
        refuseClashes(members)
        return categories
    }

    private mutating func category(_ name: String, _ value: Value) -> Category? {
        guard let members = value.members(Self.members, &log, or: "title and others, as {title: {en: Reviews}}") else {
            return nil
        }
        if members["title"] == nil {
            members.missing("title", "write what recipients read, as title: {en: Reviews}", &log)
        }
        let isOptional = members["optional"].flatMap { $0.boolean(&log) } ?? true
        if name == Category.general.name, !isOptional, let member = members["optional"] {
            log.add(member, "general is always optional, since it holds what names no category; take it away")
        }
        return Category(
            name: name, titles: members["title"].map { texts($0) } ?? [:],
            descriptions: members["description"].map { texts($0) } ?? [:], isOptional: isOptional,
            cap: members["cap"].flatMap { member in
                parsed(member, "is no cap; write how many in which period, as 3/1d") { Cap($0) }
            },
            maxWait: members["max_wait"].flatMap { $0.duration(&log) },
            quietHours: members["quiet_hours"].flatMap { member in
                parsed(member, "are no quiet hours; write \"22:00-08:00\" or none") { QuietHours($0) }
            },
            formerNames: members["was"].flatMap { $0.list(&log, or: "a list of former names, as [old_name]") }?
                .compactMap { $0.text(&log)?.text } ?? [])
    }

    private mutating func parsed<Result>(
        _ value: Value, _ complaint: String, _ parse: (String) -> Result?
    ) -> Result? {
        guard let text = value.text(&log)?.text else { return nil }
        if let result = parse(text) { return result }
        log.add(value, "\(text.shown) \(complaint)")
        return nil
    }

    /// Texts by language.
    private mutating func texts(_ value: Value) -> [String: String] {
        var texts: [String: String] = [:]
        guard let members = value.members(&log, or: "languages, as {en: Reviews}") else { return [:] }
        if members.all.isEmpty { log.add(value, "is empty; write a language, as {en: Reviews}") }
        for (name, value) in members.all {
            guard let language = LanguageTag(name.text) else {
                log.add(
                    name.position,
                    "\(value.path): \(name.text.shown) is no language that CLDR knows; write a tag as en or pt-BR")
                continue
            }
            if let text = value.text(&log)?.text { texts[language.text] = text }
        }
        return texts
    }

    /// A former name belongs to one category, and to none that there is.
    private mutating func refuseClashes(_ members: Members) {
        var owners = Set(members.all.map(\.name.text)).union([Category.general.name])
        for (_, value) in members.all {
            guard case .members(let found, _) = value.node,
                case .list(let elements, _)? = Members(found, value)["was"]?.node
            else { continue }
            for case .text(let text) in elements where !owners.insert(text.text).inserted {
                log.add(
                    text.position,
                    "\(value.path).was: \(text.text.shown) is the name of another category, too; keep one of them")
            }
        }
    }
}
