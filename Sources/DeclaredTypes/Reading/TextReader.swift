internal import MessageFormat
internal import SheafCore

/// Reads the texts of a type, and checks what they use.
struct TextReader {
    let fields: [DeclaredField]
    /// Fields that cannot be read; what uses them is no mistake of its own.
    let spoiledFields: Set<String>
    let variables: TextVariables
    var log: MistakeLog

    mutating func texts(_ value: Value) -> [TypeTexts] {
        guard let members = value.members(&log, or: "languages with their texts, as en: {list_title: …}") else {
            return []
        }
        if members.all.isEmpty { log.add(value, "is empty; write a language with its list_title") }
        var read: [TypeTexts] = []
        for (name, value) in members.all {
            guard let language = LanguageTag(name.text) else {
                log.add(
                    name.position,
                    "\(value.path): \(name.text.shown) is no language that CLDR knows; write a tag as en or pt-BR")
                continue
            }
            if read.contains(where: { $0.language == language }) {
                log.add(name.position, "\(value.path): the language \(language.text) stands twice; keep one of them")
            }
            read.append(TypeTexts(language: language, messages: messages(value, language)))
        }
        return read.sorted { $0.language.text < $1.language.text }
    }

    private mutating func messages(_ value: Value, _ language: LanguageTag) -> [TypeTexts.Part: TextMessage] {
        let parts = TypeTexts.Part.allCases
        guard let members = value.members(parts.map(\.rawValue), &log, or: "texts, as list_title: …") else {
            return [:]
        }
        var messages: [TypeTexts.Part: TextMessage] = [:]
        for part in parts {
            guard let member = members[part.rawValue], let source = member.text(&log) else { continue }
            let hasLine = members[TypeTexts.Part.line.rawValue] != nil
            messages[part] = message(source, member.path, part, hasLine: hasLine, language)
        }
        let title = TypeTexts.Part.listTitle.rawValue
        if members[title] == nil { members.missing(title, "every language has one", &log) }
        if let member = members[title], case .text(let text) = member.node, text.text.isEmpty {
            log.add(member, "is empty; write what the recipient reads in the list")
        }
        return messages
    }

    private mutating func message(
        _ source: SourceText, _ path: String, _ part: TypeTexts.Part, hasLine: Bool, _ language: LanguageTag
    ) -> TextMessage? {
        for (offset, scalar) in source.message.unicodeScalars.enumerated()
        where scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t" {
            let code = String(scalar.value, radix: 16, uppercase: true)
            let name = String(repeating: "0", count: 4 - code.count) + code
            log.add(
                source.position(ofScalar: offset),
                "\(path): a text cannot hold the control character U+\(name); take it away")
        }
        do throws(MessageErrors) {
            let message = try Message(source.message, language: language)
            for finding in message.findings() {
                log.add(source.position(ofScalar: finding.offset), "\(path): \(finding.text)")
            }
            for argument in message.arguments {
                guard let complaint = complaint(of: argument, part, hasLine: hasLine) else { continue }
                log.add(source.position(ofScalar: argument.offset), "\(path): \(complaint)")
            }
            return TextMessage(source: source, message: message)
        } catch {
            for error in error.all {
                log.add(source.position(ofScalar: error.offset), "\(path): \(error.text)")
            }
            return nil
        }
    }

    /// What is wrong with a use of a variable; `nil` if nothing is.
    private func complaint(of argument: MessageArgument, _ part: TypeTexts.Part, hasLine: Bool) -> String? {
        let name = argument.name
        guard let variable = variables[name] else { return undefined(name) }
        if variable == .lines {
            if part == .line { return "lines cannot stand in line, of which it is made" }
            if !hasLine { return "lines needs a text for each event; write line beside it" }
        }
        if part == .line, case .more = variable { return nil }
        if let complaint = complaint(ofUse: argument.use, of: name, variable) { return complaint }
        guard let index = variable.absentWithout(fields), argument.use != .select else { return nil }
        let counter = "count_\(fields[index].name)"
        let isGuarded = argument.branches.contains { $0.argument == counter && $0.use == .plural }
        return isGuarded
            ? nil
            : "\(fields[index].name) is optional, and \(name) prints nothing without it; "
                + "write {\(counter), plural, =0 {…} other {… {\(name)} …}}"
    }

    private func complaint(
        ofUse use: MessageArgument.Use, of name: String, _ variable: TextVariable
    ) -> String? {
        let shape = variable.shape(fields)
        switch use {
        case .plain: return nil
        case .select: return shape == .list ? "\(name) is a list, and select needs a text" : nil
        case .plural, .selectordinal, .number:
            return shape == .number ? nil : "\(name) is no number, which \(use.rawValue) needs" + Self.counter(of: name)
        case .date, .time:
            return shape == .time ? nil : "\(name) is no time, which \(use.rawValue) needs"
        }
    }

    /// `; did you mean count_author?` for `list_author`.
    private static func counter(of name: String) -> String {
        for prefix in ["first_", "last_", "list_"] where name.hasPrefix(prefix) {
            return "; did you mean count_\(name.dropFirst(prefix.count))?"
        }
        return ""
    }

    private func undefined(_ name: String) -> String? {
        let field = name.split(separator: "_", maxSplits: 1).last.map(String.init) ?? name
        if spoiledFields.contains(name) || spoiledFields.contains(field) { return nil }
        if fields.contains(where: { $0.name == name }) {
            return "a window may hold several values of \(name); write last_\(name), list_\(name) or count_\(name)"
        }
        let hint = name.hint(among: variables.names)
        return "no variable has the name \(name.shown)"
            + (hint.isEmpty ? "; there are count, events, and first_, last_, count_, list_ and more_ of a field" : hint)
    }
}
