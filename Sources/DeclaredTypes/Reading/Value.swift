internal import SheafCore

/// The mistakes of one file as they are found.
struct MistakeLog {
    let file: String
    var findings: [Finding] = []

    init(file: String) { self.file = file }

    mutating func add(_ position: SourcePosition, _ message: String) {
        findings.append(Finding(file, position, message))
    }

    mutating func add(_ value: Value, _ message: String) {
        add(value.node.position, value.path.isEmpty ? message : "\(value.path): \(message)")
    }
}

/// A value of a file with the names of the members that lead to it.
struct Value {
    let node: SourceNode
    /// `texts.ru.list_title`, `examples[0].data`.
    let path: String

    var position: SourcePosition { node.position }

    /// The text that stands here.
    func text(_ log: inout MistakeLog, or expected: String = "text") -> SourceText? {
        switch node {
        case .text(let text): return text
        case .list: log.add(self, "is a list, expected \(expected)")
        case .members:
            log.add(self, "is a list of members, expected \(expected); a text that begins with { stands in quotes")
        }
        return nil
    }

    func list(_ log: inout MistakeLog, or expected: String) -> [Value]? {
        guard case .list(let elements, _) = node else {
            log.add(self, "is no list, expected \(expected)")
            return nil
        }
        return elements.enumerated().map { Value(node: $1, path: "\(path)[\($0)]") }
    }

    /// The members that stand here, whatever their names.
    func members(_ log: inout MistakeLog, or expected: String) -> Members? {
        switch node {
        case .members(let members, _): return Members(members, self)
        case .text(let text) where text.text.isEmpty: log.add(self, "is empty, expected \(expected)")
        default: log.add(self, "has no members, expected \(expected)")
        }
        return nil
    }

    /// The members that stand here; one that is not among `known` is a mistake.
    func members(_ known: [String], _ log: inout MistakeLog, or expected: String) -> Members? {
        guard let members = members(&log, or: expected) else { return nil }
        members.refuseUnknown(known, &log)
        return members
    }

    func boolean(_ log: inout MistakeLog) -> Bool? {
        guard let text = text(&log, or: "true or false") else { return nil }
        switch text.text {
        case "true": return true
        case "false": return false
        default:
            log.add(self, "\(text.text.shown) is neither true nor false")
            return nil
        }
    }

    func wholeNumber(atLeast minimum: Int, _ log: inout MistakeLog) -> Int? {
        guard let text = text(&log, or: "a whole number") else { return nil }
        guard text.text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(text.text), number >= minimum
        else {
            log.add(self, "\(text.text.shown) is not a whole number of at least \(minimum)")
            return nil
        }
        return number
    }

    func duration(_ log: inout MistakeLog) -> Duration? {
        guard let text = text(&log, or: "a duration") else { return nil }
        guard let duration = Duration(text: text.text), duration >= .milliseconds(1) else {
            log.add(self, "\(text.text.shown) is not a duration; write 500ms, 2s, 5m, 1h or 7d")
            return nil
        }
        return duration
    }

    /// One of the words that `Choice` has.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ log: inout MistakeLog) -> Choice? {
        let words = Choice.allCases.map(\.rawValue)
        guard let text = text(&log, or: words.alternatives) else { return nil }
        guard let choice = Choice(rawValue: text.text) else {
            log.add(
                self, "\(text.text.shown) is not one of \(words.joined(separator: ", "))" + text.text.hint(among: words)
            )
            return nil
        }
        return choice
    }
}

/// The members of a value, by name.
struct Members {
    let value: Value
    /// In the order of the file.
    let all: [(name: SourceText, value: Value)]

    init(_ members: [SourceMember], _ value: Value) {
        self.value = value
        let prefix = value.path.isEmpty ? "" : value.path + "."
        all = members.map { ($0.name, Value(node: $0.value, path: prefix + $0.name.text)) }
    }

    subscript(name: String) -> Value? { all.first { $0.name.text == name }?.value }

    func refuseUnknown(_ known: [String], _ log: inout MistakeLog) {
        for (name, member) in all where !known.contains(name.text) {
            let near = name.text.nearest(among: known)
            let hint = near.map { "did you mean \($0)?" } ?? "there are \(known.joined(separator: ", "))"
            log.add(name.position, "\(member.path): no member has this name; \(hint)")
        }
    }

    /// Complains that the member `name` is not there.
    func missing(_ name: String, _ what: String, _ log: inout MistakeLog) {
        let path = value.path.isEmpty ? name : "\(value.path).\(name)"
        log.add(value.position, "\(path): is missing; \(what)")
    }
}

extension String {
    /// The text as complaints quote it.
    var shown: String {
        let line = withoutControls
        return line.unicodeScalars.count <= 60 ? "'\(line)'" : "'\(String(line.unicodeScalars.prefix(57)))…'"
    }

    /// The text with its control characters, line breaks too, as escapes: it is one line, and moves no terminal's cursor.
    var escapedControls: String {
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n".unicodeScalars
            case "\t": result += "\\t".unicodeScalars
            case "\r": result += "\\r".unicodeScalars
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                result += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// `; did you mean …?`, or nothing.
    func hint(among names: some Sequence<String>) -> String {
        nearest(among: names).map { "; did you mean \($0)?" } ?? ""
    }

    /// Whether it is a name as types, categories and languages of files have it.
    var isName: Bool {
        !isEmpty && utf8.count <= 64
            && utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    /// Whether it can be written in a condition as `data.NAME` and in a text as `first_NAME`.
    var isFieldName: Bool {
        guard let first = utf8.first, utf8.count <= 64 else { return false }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) && lowercased().isName
    }
}

extension [String] {
    /// `a, b or c`
    var alternatives: String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
