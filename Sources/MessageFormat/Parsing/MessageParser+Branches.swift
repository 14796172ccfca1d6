/// Plurals and selects: selectors, each with a message in braces.
extension MessageParser {
    /// Reads the branches and the argument's closing brace.
    mutating func parseBranches(
        of name: String, use: MessageArgument.Use, at position: Int, from start: Int, in place: Place
    ) -> MessageNode? {
        add(name, use, position)
        guard place.depth < Message.maximumDepth else {
            fail(
                start,
                "Plurals and selects are nested too deeply; \(Message.maximumDepth) of them are the most.")
            index = start
            skipArgument()
            return nil
        }
        var found = BranchReader(argument: name, use: use, position: position)
        while true {
            skipWhitespace()
            guard let scalar = peek() else {
                fail(start, Self.unclosedBrace)
                return nil
            }
            if scalar == "}" {
                index += 1
                break
            }
            readBranch(into: &found, in: place)
        }
        if !found.hasOther {
            fail(
                position,
                "The \(use.rawValue) on \(name) has no branch other; add other {…} for all that no branch is for.")
        }
        return finish(found)
    }

    private mutating func readBranch(into found: inout BranchReader, in place: Place) {
        let position = index
        guard let selector = readSelector(into: &found) else { return }
        skipWhitespace()
        guard peek() == "{" else {
            fail(
                position,
                "The branch \(shown(selector)) has no text; write \(shown(selector)) {…} with the text in braces.")
            found.hasMistake = true
            if selector == "other" { found.hasOther = true }
            return
        }
        index += 1
        branches.append(MessageBranch(argument: found.argument, use: found.use, selector: selector))
        let open = index - 1
        let nodes = parseMessage(in: Place(isInPlural: found.use != .select, depth: place.depth + 1))
        branches.removeLast()
        if peek() == "}" {
            index += 1
        } else {
            fail(open, Self.unclosedBrace)
        }
        if let mistake = found.add(selector, nodes) { note(position, mistake) }
    }

    /// Reads what is before a branch's brace. Nil if it is not a selector, or is an offset.
    private mutating func readSelector(into found: inout BranchReader) -> String? {
        let position = index
        let isPlural = found.use != .select
        if isPlural, peek() == "=" {
            index += 1
            let number = read { "+-.eE0123456789".unicodeScalars.contains($0) }
            if Double(number)?.isFinite == true { return "=" + number }
            fail(position, "There is no number after the =; write =1 {…} for exactly one.")
            return number.isEmpty ? "=" : "=" + number
        }
        let word = read { $0.isIdentifierPart }
        guard isPlural, word == "offset", peek() == ":" else {
            // A selector ends at a space or a brace, so `in-progress` is none.
            if !word.isEmpty, peek().map({ $0 == "{" || $0 == "}" || $0.properties.isPatternWhitespace }) ?? true {
                return word
            }
            index = position
            readMistake(in: &found)
            return nil
        }
        index += 1
        skipWhitespace()
        let number = read { "+-.eE0123456789".unicodeScalars.contains($0) }
        if !found.isEmpty {
            fail(
                position,
                "The offset comes after a branch; write it first: {\(found.argument), plural, offset:1 =0 {…} …}.")
        } else if let offset = Double(number), offset.isFinite, offset.magnitude < 1e15 {
            found.offset = offset
        } else {
            _ = read { $0 != "{" && $0 != "}" && !$0.properties.isPatternWhitespace }
            fail(position, "There is no number after offset:; write offset:1.")
        }
        return nil
    }

    /// Skips text that cannot be a selector.
    private mutating func readMistake(in found: inout BranchReader) {
        let position = index
        found.hasMistake = true
        if peek() == "{" {
            fail(position, "This text has no selector before it; write other {…}, or the case that the text is for.")
            skipArgument()
            return
        }
        let wrong = read { $0 != "{" && $0 != "}" && !$0.properties.isPatternWhitespace }
        let right =
            found.use == .select
            ? "the branches of a select are words of letters, digits and underscores."
            : "the branches of a \(found.use.rawValue) are zero, one, two, few, many, other, or =1 for exactly one."
        fail(position, "\(shown(wrong)) is no selector; \(right)")
        skipWhitespace()
        if peek() == "{" { skipArgument() }
    }

    private mutating func finish(_ found: BranchReader) -> MessageNode? {
        if found.use == .select {
            return .select(
                MessageSelect(argument: found.argument, branches: found.words, other: found.words["other"] ?? []))
        }
        let plural = found.plural(in: language)
        if found.hasMistake { return .plural(plural) }
        for mistake in plural.uncoveredCategories(in: language) { note(found.position, mistake) }
        return .plural(plural)
    }
}

/// The branches of a plural or select while they are read.
struct BranchReader {
    let argument: String
    let use: MessageArgument.Use
    let position: Int
    var offset: Double?
    var hasOther = false
    /// Whether a branch could not be read; then missing branches cannot be reported.
    var hasMistake = false
    private(set) var words: [String: [MessageNode]] = [:]
    private var exact: [MessagePlural.Exact] = []

    init(argument: String, use: MessageArgument.Use, position: Int) {
        self.argument = argument
        self.use = use
        self.position = position
    }

    var isEmpty: Bool { words.isEmpty && exact.isEmpty && offset == nil && !hasOther }

    /// Adds a branch, or reports why it is never taken. Of two equal branches, the first counts.
    mutating func add(_ selector: String, _ nodes: [MessageNode]) -> String? {
        if selector == "other" { hasOther = true }
        if selector.first == "=" {
            guard let value = Double(selector.dropFirst()) else { return nil }
            if exact.contains(where: { $0.value == value }) { return twice(selector) }
            exact.append(MessagePlural.Exact(value: value, nodes: nodes))
            return nil
        }
        if words[selector] != nil { return twice(selector) }
        words[selector] = nodes
        if use != .select, PluralCategory(rawValue: selector) == nil {
            return
                "The branch \(selector) is never taken; the branches of a \(use.rawValue) are zero, one, two, few, many, "
                + "other, or =1 for exactly one."
        }
        return nil
    }

    private func twice(_ selector: String) -> String {
        "The branch \(selector) is repeated here and is never used; remove one of the two."
    }

    func plural(in language: LanguageTag) -> MessagePlural {
        let kind: PluralKind = use == .selectordinal ? .ordinal : .cardinal
        let other = words["other"] ?? []
        let categories = PluralCategory.allCases.filter { $0 != .other }
            .compactMap { category in words[category.rawValue].map { (category: category, nodes: $0) } }
        return MessagePlural(
            argument: argument, kind: kind, rules: PluralRules(language, kind), offset: offset ?? 0, exact: exact,
            categories: categories, other: other, style: style(of: other))
    }

    /// As in ICU, the first number in the branch `other` that prints the argument decides how many digits count.
    private func style(of nodes: [MessageNode]) -> NumberStyle {
        for node in nodes {
            switch node {
            case .count: return .plain
            case .argument(argument): return .plain
            case .number(argument, let style): return style
            default: continue
            }
        }
        return .plain
    }
}
