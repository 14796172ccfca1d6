/// Parses a text as ICU's MessagePattern does, with the apostrophe mode DOUBLE_OPTIONAL, and continues after a mistake.
struct MessageParser {
    /// The context of a text, which decides the meaning of `#` and `}`.
    struct Place {
        var isInPlural = false
        var depth = 0
    }

    let scalars: [Unicode.Scalar]
    let language: LanguageTag
    var index = 0
    var errors: [MessageError] = []
    var findings: [MessageError] = []
    var arguments: [MessageArgument] = []
    /// The branches around the current position.
    var branches: [MessageBranch] = []
    /// The beginning of a quote that reaches to the end of the text.
    private var openQuote: Int?

    init(_ text: String, language: LanguageTag) {
        scalars = Array(text.unicodeScalars.prefix(Message.maximumLength + 1))
        self.language = language
    }

    mutating func parse() -> [MessageNode] {
        guard scalars.count <= Message.maximumLength else {
            errors.append(
                MessageError(
                    Message.maximumLength,
                    "The text is too long; a text has at most \(Message.maximumLength) characters."))
            return []
        }
        let nodes = parseMessage(in: Place())
        if let openQuote {
            let text =
                "The quote that begins here is not closed, so that all text after it is printed unchanged; "
                + "close it with ', or write '' if an apostrophe is meant."
            // Braces inside the unclosed quote are not reported as well.
            if errors.contains(where: { $0.text == Self.unclosedBrace }) {
                errors.removeAll { $0.text == Self.unclosedBrace }
                errors.append(MessageError(openQuote, text))
            } else {
                findings.append(MessageError(openQuote, text))
            }
        }
        return nodes
    }

    /// Reads to the end, or in a branch to its closing brace, which is not consumed.
    mutating func parseMessage(in place: Place) -> [MessageNode] {
        var nodes: [MessageNode] = []
        var text = String.UnicodeScalarView()
        func flush() {
            if !text.isEmpty { nodes.append(.text(String(text))) }
            text.removeAll()
        }
        while let scalar = peek() {
            switch scalar {
            case "'": readApostrophe(in: place, into: &text)
            case "#" where place.isInPlural:
                flush()
                nodes.append(.count)
                index += 1
            case "{":
                flush()
                if let node = parseArgument(in: place) { nodes.append(node) }
            case "}" where place.depth > 0:
                flush()
                return nodes
            default:
                if scalar == "#" || scalar == "}" { noteLiteral(scalar) }
                text.append(scalar)
                index += 1
            }
        }
        flush()
        return nodes
    }

    /// Two apostrophes print one. An apostrophe before a brace, or before `#` in a plural, begins a quote. Any other
    /// prints itself.
    private mutating func readApostrophe(in place: Place, into text: inout String.UnicodeScalarView) {
        let start = index
        index += 1
        switch peek() {
        case "'":
            text.append("'")
            index += 1
        case "{", "}": readQuote(from: start, into: &text)
        case "#" where place.isInPlural: readQuote(from: start, into: &text)
        default: text.append("'")
        }
    }

    private mutating func readQuote(from start: Int, into text: inout String.UnicodeScalarView) {
        while let scalar = peek() {
            index += 1
            if scalar != "'" {
                text.append(scalar)
            } else if peek() == "'" {
                text.append("'")
                index += 1
            } else {
                return
            }
        }
        openQuote = start
    }

    /// Warns of a literal `#` or `}` that looks as if it had a meaning.
    private mutating func noteLiteral(_ scalar: Unicode.Scalar) {
        if scalar == "}" {
            note(index, "This } closes nothing and prints itself; remove it, or write '}' if it is meant.")
            return
        }
        if let plural = branches.last(where: { $0.use == .plural || $0.use == .selectordinal }) {
            note(
                index,
                "This # is in a select inside the plural on \(plural.argument) and prints itself; write "
                    + "{\(plural.argument)} for the number, or put the plural into the select.")
            return
        }
        // Before a letter, a digit or an argument it is a hashtag, or means "number".
        if let next = peek(1), next == "{" || next.isIdentifierPart { return }
        note(index, "This # is outside a plural and prints itself; write the variable in braces for its number.")
    }

    // MARK: - Scalars

    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        index + distance < scalars.count ? scalars[index + distance] : nil
    }

    mutating func skipWhitespace() {
        while let scalar = peek(), scalar.properties.isPatternWhitespace { index += 1 }
    }

    /// Reads the scalars for which `belongs` is true.
    mutating func read(while belongs: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(), belongs(scalar) {
            text.append(scalar)
            index += 1
        }
        return String(text)
    }

    // MARK: - Mistakes

    static let unclosedBrace = "The { is not closed; each { needs its }."

    mutating func fail(_ offset: Int, _ text: String) {
        errors.append(MessageError(offset, text))
    }

    mutating func note(_ offset: Int, _ text: String) {
        findings.append(MessageError(offset, text))
    }
}

extension Unicode.Scalar {
    /// Whether variable names and selectors may contain it.
    var isIdentifierPart: Bool {
        if isASCII { return self == "_" || properties.isAlphabetic || ("0"..."9").contains(self) }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation:
            return true
        default: return false
        }
    }
}
