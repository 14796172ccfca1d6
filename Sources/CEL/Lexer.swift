/// Splits an expression's text into tokens: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
///
/// An operator of another language is reported and read as CEL's, so that the rest is checked too.
struct Lexer {
    private let scalars: [Unicode.Scalar]
    private var next = 0
    private var line = 1
    private var lineStart = 0
    private var mistakes: [CELError] = []

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// All tokens, of which the last is `end`, and the mistakes for operators of other languages.
    static func tokens(_ text: String) throws(CELError) -> (tokens: [Token], mistakes: [CELError]) {
        var lexer = Lexer(text)
        guard lexer.scalars.count <= CELExpression.maximumLength else {
            throw lexer.mistake(
                "the expression is \(lexer.scalars.count) characters long; at most \(CELExpression.maximumLength) are taken"
            )
        }
        var tokens: [Token] = []
        repeat { tokens.append(try lexer.token()) } while tokens.last?.kind != .end
        return (tokens, lexer.mistakes)
    }

    // MARK: - Reading

    var peeked: Unicode.Scalar? { peek(0) }

    func peek(_ distance: Int) -> Unicode.Scalar? {
        next + distance < scalars.count ? scalars[next + distance] : nil
    }

    func starts(with text: String) -> Bool { scalars[next...].starts(with: text.unicodeScalars) }

    var position: CELPosition { CELPosition(line: line, column: next - lineStart + 1) }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where next < scalars.count {
            next += 1
            if scalars[next - 1] == "\n" {
                line += 1
                lineStart = next
            }
        }
    }

    /// The scalars up to the first for which `isOfKind` is false.
    mutating func take(while isOfKind: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peeked, isOfKind(scalar) {
            text.append(scalar)
            advance()
        }
        return String(text)
    }

    func mistake(_ message: String, at position: CELPosition? = nil) -> CELError {
        CELError(position: position ?? self.position, message: message)
    }

    // MARK: - Tokens

    private mutating func token() throws(CELError) -> Token {
        skipSpace()
        let start = position
        return Token(kind: try kind(), position: start)
    }

    private mutating func skipSpace() {
        while let scalar = peeked {
            if scalar.isSpace {
                advance()
            } else if starts(with: "//") {
                _ = take { $0 != "\n" }
            } else {
                return
            }
        }
    }

    private mutating func kind() throws(CELError) -> Token.Kind {
        guard let first = peeked else { return .end }
        if first.isDigit || (first == "." && peek(1)?.isDigit == true) { return try number() }
        if let prefix = stringPrefix { return .string(try string(after: prefix)) }
        if first.isLetter { return .word(take { $0.isLetter || $0.isDigit }) }
        return .symbol(try symbol())
    }

    private static let symbols = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]", ".",
        ",",
    ]

    /// Operators of other languages, with CEL's.
    private static let foreign = [
        ("===", "=="), ("!==", "!="), ("<>", "!="), ("=<", "<="), ("=>", ">="), ("&", "&&"), ("|", "||"), ("=", "=="),
        ("≤", "<="), ("≥", ">="), ("≠", "!="), ("×", "*"), ("÷", "/"), ("−", "-"), ("–", "-"),
    ]

    private mutating func symbol() throws(CELError) -> String {
        // Longer ones first: `===` must not be read as `==` and `=`.
        if let (text, symbol) = Self.foreign.prefix(5).first(where: { starts(with: $0.0) }) {
            return replace(text, by: symbol)
        }
        if let symbol = Self.symbols.first(where: starts(with:)) {
            advance(symbol.unicodeScalars.count)
            return symbol
        }
        if let (text, symbol) = Self.foreign.first(where: { starts(with: $0.0) }) {
            return replace(text, by: symbol)
        }
        throw mistake(Advice.strange(scalars[next]))
    }

    private mutating func replace(_ text: String, by symbol: String) -> String {
        if mistakes.count < CELExpression.maximumErrors {
            mistakes.append(mistake("`\(text)` is not an operator of CEL; write `\(symbol)`"))
        }
        advance(text.unicodeScalars.count)
        return symbol
    }
}

extension Unicode.Scalar {
    var isSpace: Bool { self == " " || self == "\t" || self == "\n" || self == "\r" || self == "\u{0C}" }
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isHexDigit: Bool { properties.isASCIIHexDigit }
    var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" }
}
