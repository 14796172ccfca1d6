/// What stands in a YAML file: texts, and lists and members of them.
enum SourceNode: Hashable, Sendable {
    case text(SourceText)
    case list([SourceNode], SourcePosition)
    case members([SourceMember], SourcePosition)

    var position: SourcePosition {
        switch self {
        case .text(let text): text.position
        case .list(_, let position), .members(_, let position): position
        }
    }
}

struct SourceMember: Hashable, Sendable {
    let name: SourceText
    let value: SourceNode
}

extension SourceNode {
    /// Whether it has a member of this name.
    func has(_ name: String) -> Bool {
        guard case .members(let members, _) = self else { return false }
        return members.contains { $0.name.text == name }
    }

    /// The same content without its places.
    var withoutPlaces: SourceNode {
        switch self {
        case .text(let text): .text(text.withoutPlace)
        case .list(let elements, _): .list(elements.map(\.withoutPlaces), .none)
        case .members(let members, _):
            .members(
                members.map { SourceMember(name: $0.name.withoutPlace, value: $0.value.withoutPlaces) }, .none)
        }
    }

    /// The same content in one form, whatever order and quotes it was written in: JSON, which is YAML, too.
    var canonical: String {
        switch self {
        case .text(let text): Self.quoted(text.text)
        case .list(let elements, _): "[" + elements.map(\.canonical).joined(separator: ",") + "]"
        case .members(let members, _):
            "{"
                + members.sorted { $0.name.text.utf8.lexicographicallyPrecedes($1.name.text.utf8) }
                .map { "\(Self.quoted($0.name.text)):\($0.value.canonical)" }.joined(separator: ",") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            // YAML breaks lines at these, JSON does not.
            case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
