internal import Yams

/// Reads a YAML file as texts with their places: what YAML takes for numbers, Booleans and dates stays text, and what
/// hides or repeats content (tags, anchors, aliases, a member twice) is a mistake.
struct YAMLReader {
    /// The longest file.
    static let maximumBytes = 256 * 1024
    /// The deepest nesting; the format itself needs less.
    static let maximumDepth = 16
    /// If a file has more mistakes of this kind, the rest is reported once these are corrected.
    private static let maximumDoubles = 50

    let file: String
    private(set) var findings: [Finding] = []
    private var lines = SourceLines("")
    /// The first of two members of one name, by their place.
    private var doubles: [SourcePosition: String] = [:]

    private let maximumBytes: Int
    private let maximumDepth: Int

    init(file: String, maximumBytes: Int = Self.maximumBytes, maximumDepth: Int = Self.maximumDepth) {
        self.file = file
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    /// Reads one document.
    /// - Returns: `nil` if it cannot be read at all; ``findings`` then says why.
    mutating func read(_ bytes: [UInt8]) -> SourceNode? {
        guard bytes.count <= maximumBytes else {
            refuse(.start, "has more than \(maximumBytes) bytes; a file that declares one type needs less")
            return nil
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            refuse(place(ofBadByteIn: bytes), "is not UTF-8; save the file as UTF-8")
            return nil
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        lines = SourceLines(text)
        guard !hasControlCharacters(), !isMadeOfAliases() else { return nil }
        guard let root = parse(text) else { return nil }
        return convert(root, depth: 1)
    }

    private mutating func refuse(_ position: SourcePosition, _ message: String) {
        findings.append(Finding(file, position, message))
    }
}

extension SourcePosition {
    static let start = SourcePosition(line: 1, column: 1)

    fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

// MARK: - Parsing

extension YAMLReader {
    private mutating func parse(_ text: String) -> Node? {
        var text = text
        while true {
            do {
                // Without rules every scalar is text.
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                if let root = try parser.singleRoot() { return root }
                refuse(.start, "is empty; a file declares a type by members such as data and texts")
                return nil
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                // Yams stops at the first; it is given another name, and found again by its place.
                let position = SourcePosition(context.mark)
                guard doubles.count < Self.maximumDoubles, let renamed = rename(text, at: position) else {
                    refuse(position, "a member stands twice; keep one of them")
                    return nil
                }
                text = renamed
            } catch {
                refuse(error)
                return nil
            }
        }
    }

    /// The text with another letter at `position`, so that a member has a name of its own.
    private mutating func rename(_ text: String, at position: SourcePosition) -> String? {
        let isQuoted = lines[position] == "\"" || lines[position] == "'"
        let column = position.column + (isQuoted ? 1 : 0)
        guard doubles[position] == nil, let former = lines[SourcePosition(line: position.line, column: column)],
            let other = Unicode.Scalar(0xE000 + UInt32(doubles.count)), former != "\\", former != "'", former != "\""
        else { return nil }
        doubles[position] = String(former)
        var (line, current) = (1, 1)
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            let isBreak = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
            result.append(line == position.line && current == column && !isBreak ? other : scalar)
            if isBreak {
                if !(scalar == "\n" && previous == "\r") { (line, current) = (line + 1, 1) }
            } else {
                current += 1
            }
            previous = scalar
        }
        return String(result)
    }

    private mutating func refuse(_ error: any Error) {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            refuse(SourcePosition(mark), "is not YAML: \(problem); " + Self.remedy(problem))
        case YamlError.reader(let problem, _, _, _): refuse(.start, "is not YAML: \(problem)")
        default: refuse(.start, "is not YAML")
        }
    }

    /// What most often helps.
    private static func remedy(_ problem: String) -> String {
        switch problem {
        case let text where text.contains("mapping values are not allowed"):
            "put a value that has ': ' in it in quotes, and indent members alike"
        case let text where text.contains("cannot start any token"):
            "indent with spaces instead of tabs, and put a value that begins with @, % or ` in quotes"
        case let text where text.contains("unexpected end of stream"): "close the quotes"
        case let text where text.contains("another document"): "a file holds one type; take away the line ---"
        case let text where text.contains("undefined alias"): "put a value that begins with * in quotes"
        case let text where text.contains("nesting level"): "nest less"
        case let text where text.contains("escape character"): "write \\\\ for a backslash, or use single quotes"
        default: "write each member as 'name: value', indent those of one list alike, and put texts in quotes"
        }
    }

    private func place(ofBadByteIn bytes: [UInt8]) -> SourcePosition {
        // The repaired text differs first where it was repaired.
        let repaired = String(decoding: bytes, as: UTF8.self)
        var (read, line, column) = (0, 1, 1)
        for scalar in repaired.unicodeScalars {
            let width = UTF8.width(scalar)
            if scalar == "\u{FFFD}", read + 3 > bytes.count || Array(bytes[read..<read + 3]) != [0xEF, 0xBF, 0xBD] {
                break
            }
            read += width
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return SourcePosition(line: line, column: column)
    }

    private mutating func hasControlCharacters() -> Bool {
        for line in 1...lines.count {
            for (index, scalar) in lines[line].enumerated() {
                switch scalar {
                case "\t", " "..."~", "\u{A0}"..."\u{FEFE}", "\u{FF00}"..."\u{FFFD}", "\u{10000}"...: continue
                default: break
                }
                let code = String(scalar.value, radix: 16, uppercase: true)
                refuse(
                    SourcePosition(line: line, column: index + 1),
                    "the character U+\(code) cannot stand in YAML; take it away, or write it as an escape in double quotes"
                )
                return true
            }
        }
        return false
    }

    /// Whether the file could blow up while it is read: only aliases of aliases, as keys, take more time than they have
    /// letters, and it takes a dozen of them. Fewer are reported by their place.
    private mutating func isMadeOfAliases() -> Bool {
        var (anchors, aliases) = (0, 0)
        var first: SourcePosition?
        for line in 1...lines.count {
            let scalars = lines[line]
            for (index, scalar) in scalars.enumerated() where scalar == "&" || scalar == "*" {
                let before = index > 0 ? scalars[index - 1] : " "
                guard " \t[{,?:-".unicodeScalars.contains(before), index + 1 < scalars.count,
                    !" \t".unicodeScalars.contains(scalars[index + 1])
                else { continue }
                first = first ?? SourcePosition(line: line, column: index + 1)
                if scalar == "&" { anchors += 1 } else { aliases += 1 }
            }
        }
        guard let first, anchors > 12, aliases > 24 else { return false }
        refuse(first, "anchors and aliases are not taken; write the value out wherever it is needed")
        return true
    }
}

// MARK: - Converting

extension YAMLReader {
    private mutating func convert(_ node: Node, depth: Int) -> SourceNode? {
        let position = node.mark.map { SourcePosition($0) } ?? .start
        switch lines[position] {
        case "!"?:
            refuse(position, "tags are not taken; every value is text, so take the tag away")
            return nil
        case "&"?:
            refuse(position, "anchors and aliases are not taken; write the value out wherever it is needed")
            return nil
        default: break
        }
        guard depth <= maximumDepth else {
            refuse(position, "is nested deeper than \(maximumDepth); no member needs that")
            return nil
        }
        switch node {
        case .scalar(let scalar): return .text(text(scalar, at: position))
        case .sequence(let sequence):
            return .list(sequence.compactMap { convert($0, depth: depth + 1) }, position)
        case .mapping(let mapping): return .members(members(mapping, depth: depth), position)
        case .alias: return nil
        }
    }

    private mutating func members(_ mapping: Node.Mapping, depth: Int) -> [SourceMember] {
        var members: [SourceMember] = []
        var places: [String: SourcePosition] = [:]
        for (key, value) in mapping {
            let position = key.mark.map { SourcePosition($0) } ?? .start
            guard case .scalar(let scalar) = key, lines[position] != "!", lines[position] != "&" else {
                refuse(position, "a member's name is plain text, without tags, anchors and aliases")
                continue
            }
            let name = text(scalar, at: position)
            if let first = places[name.text] {
                refuse(position, "\(name.text) stands twice, first in line \(first.line); keep one of them")
                continue
            }
            places[name.text] = position
            if let value = convert(value, depth: depth + 1) { members.append(SourceMember(name: name, value: value)) }
        }
        return members
    }

    private func text(_ scalar: Node.Scalar, at position: SourcePosition) -> SourceText {
        let style: SourceText.Style =
            switch scalar.style {
            case .singleQuoted: .singleQuoted
            case .doubleQuoted: .doubleQuoted
            case .literal: .literal
            case .folded: .folded
            case .any, .plain: .plain
            }
        let text = doubles[position].map { $0 + String(scalar.string.unicodeScalars.dropFirst()) } ?? scalar.string
        return SourceText(text, at: position, style: style, in: lines)
    }
}
