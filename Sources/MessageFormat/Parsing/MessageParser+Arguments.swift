/// Arguments: `{name}`, `{name, type}`, `{name, type, style}`.
extension MessageParser {
    /// Reads an argument from its opening brace. Nil if it has a mistake; reading then continues after it.
    mutating func parseArgument(in place: Place) -> MessageNode? {
        let start = index
        index += 1
        skipWhitespace()
        let position = index
        let name = read { $0.isIdentifierPart }
        skipWhitespace()
        guard let next = peek() else {
            fail(start, Self.unclosedBrace)
            return nil
        }
        guard !name.isEmpty else {
            return fail(
                start, position, "There is no variable name after the {; write {count}, or '{' for a brace.")
        }
        if name.count > 1, name.first == "0", name.allSatisfy(\.isNumber) {
            return fail(start, position, "\(name) is no name of a variable; a number begins with no zero.")
        }
        switch next {
        case "}":
            index += 1
            add(name, .plain, position)
            return .argument(name)
        case ",":
            index += 1
            return parseTypedArgument(name, at: position, from: start, in: place)
        default:
            return fail(
                start, index,
                "The name \(name) is followed by \(shown(next)); a name has letters, digits and underscores, and } or a comma "
                    + "behind it.")
        }
    }

    private mutating func parseTypedArgument(
        _ name: String, at position: Int, from start: Int, in place: Place
    ) -> MessageNode? {
        skipWhitespace()
        let typePosition = index
        let type = read { $0.isASCII && $0.properties.isAlphabetic }
        skipWhitespace()
        guard let next = peek() else {
            fail(start, Self.unclosedBrace)
            return nil
        }
        guard !type.isEmpty, next == "," || next == "}" else {
            return fail(start, typePosition, "There is no argument type after the comma; \(Self.kinds)")
        }
        let hasStyle = next == ","
        switch MessageArgument.Use(rawValue: type.lowercased()) {
        case .plural?, .selectordinal?, .select?:
            guard hasStyle, let use = MessageArgument.Use(rawValue: type.lowercased()) else {
                return fail(
                    start, index, "The \(type.lowercased()) has no branches; write {\(name), \(type), other {…}}.")
            }
            index += 1
            return parseBranches(of: name, use: use, at: position, from: start, in: place)
        case .number?:
            guard let style = readStyle(hasStyle, from: start) else { return nil }
            add(name, .number, position)
            return numberStyle(style).map { .number(name, $0) }
        case .date?:
            guard let style = readStyle(hasStyle, from: start) else { return nil }
            add(name, .date, position)
            return timeStyle(style, TimeStyle.date).map { .time(name, $0) }
        case .time?:
            guard let style = readStyle(hasStyle, from: start) else { return nil }
            add(name, .time, position)
            return timeStyle(style, TimeStyle.time).map { .time(name, $0) }
        default:
            return fail(start, typePosition, "There is no kind of argument \(type); \(Self.kinds)")
        }
    }

    private static let kinds = "there are number, date, time, plural, selectordinal and select."

    /// Reads a style and the argument's closing brace.
    private mutating func readStyle(_ hasStyle: Bool, from start: Int) -> (text: String, position: Int)? {
        if !hasStyle {
            index += 1
            return ("", index)
        }
        index += 1
        skipWhitespace()
        let position = index
        var style = String.UnicodeScalarView()
        var (depth, isQuoted) = (0, false)
        while let scalar = peek() {
            index += 1
            if scalar == "'" { isQuoted.toggle() }
            if !isQuoted {
                if scalar == "{" { depth += 1 }
                if scalar == "}" {
                    if depth == 0 {
                        while style.last?.properties.isPatternWhitespace == true { style.removeLast() }
                        return (String(style), position)
                    }
                    depth -= 1
                }
            }
            style.append(scalar)
        }
        fail(start, Self.unclosedBrace)
        return nil
    }

    private mutating func numberStyle(_ style: (text: String, position: Int)) -> NumberStyle? {
        let allowed = "write integer, percent or ::currency/RUB, or nothing for a plain number."
        switch style.text.lowercased() {
        case "": return .plain
        case "integer": return .integer
        case "percent": return .percent
        case "currency":
            fail(
                style.position,
                "The style currency does not say which one; write ::currency/RUB with the currency's code.")
            return nil
        default: break
        }
        let prefix = "::currency/"
        if style.text.hasPrefix(prefix) {
            let code = style.text.dropFirst(prefix.count)
            if code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) {
                return .currency(String(code))
            }
            fail(
                style.position,
                "\(shown(code)) is no code of a currency; a code is three capital letters: ::currency/RUB.")
            return nil
        }
        fail(style.position, "There is no style \(shown(style.text)) for numbers; \(allowed)")
        return nil
    }

    private mutating func timeStyle(
        _ style: (text: String, position: Int), _ make: (TimeLength) -> TimeStyle
    ) -> TimeStyle? {
        if style.text.isEmpty { return make(.medium) }
        if let length = TimeLength(rawValue: style.text.lowercased()) { return make(length) }
        if style.text.hasPrefix("::") {
            let skeleton = style.text.dropFirst(2)
            if !skeleton.isEmpty, skeleton.count <= 20,
                skeleton.allSatisfy({ "GyMLdEecabBhHkKjmsSzZOvVQqwUurY".contains($0) })
            {
                return .skeleton(String(skeleton))
            }
            fail(
                style.position,
                "\(shown(skeleton)) is no skeleton of a date; write letters of CLDR such as ::yMMMd or ::Hm.")
            return nil
        }
        fail(
            style.position,
            "There is no style \(shown(style.text)) for dates and times; write short, medium, long, full, or a skeleton "
                + "such as ::yMMMd.")
        return nil
    }

    // MARK: - Mistakes

    mutating func add(_ name: String, _ use: MessageArgument.Use, _ position: Int) {
        arguments.append(MessageArgument(name: name, use: use, offset: position, branches: branches))
    }

    /// Reports a mistake in the argument that begins at `start`, and continues after the argument.
    private mutating func fail(_ start: Int, _ offset: Int, _ text: String) -> MessageNode? {
        fail(offset, text)
        index = start
        skipArgument()
        return nil
    }

    /// Skips an argument from its opening brace, including all nested braces.
    mutating func skipArgument() {
        let start = index
        var (depth, isQuoted) = (0, false)
        while let scalar = peek() {
            index += 1
            if isQuoted {
                if scalar == "'" { isQuoted = false }
            } else if scalar == "'", peek() == "{" || peek() == "}" {
                isQuoted = true
            } else if scalar == "{" {
                depth += 1
            } else if scalar == "}" {
                depth -= 1
                if depth == 0 { return }
            }
        }
        fail(start, Self.unclosedBrace)
    }

    /// A text as a mistake quotes it.
    func shown(_ text: some StringProtocol) -> String {
        let kept = text.unicodeScalars.prefix(40).filter { $0.properties.generalCategory != .control }
        return String(String.UnicodeScalarView(kept))
    }

    func shown(_ scalar: Unicode.Scalar) -> String {
        scalar.properties.isPatternWhitespace ? "a space" : shown(String(scalar))
    }
}
