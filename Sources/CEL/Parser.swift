/// Parses an expression by the grammar of the specification:
/// https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
struct Parser {
    private let tokens: [Token]
    private var next = 0
    private var depth = 0
    private var mistakes: [CELError]

    static func parse(_ text: String) throws(CELErrors) -> Syntax {
        var mistakes: [CELError] = []
        do throws(CELError) {
            let (tokens, found) = try Lexer.tokens(text)
            mistakes = found
            var parser = Parser(tokens: tokens, mistakes: found)
            defer { mistakes = parser.mistakes }
            let syntax = try parser.whole()
            if parser.mistakes.isEmpty { return syntax }
        } catch {
            mistakes.append(error)
        }
        throw CELErrors(mistakes)
    }

    private init(tokens: [Token], mistakes: [CELError]) {
        self.tokens = tokens
        self.mistakes = mistakes
    }

    // MARK: - Tokens

    var token: Token { tokens[next] }

    mutating func advance() { next = min(next + 1, tokens.count - 1) }

    func isAt(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    mutating func take(_ symbol: String) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: String, _ message: @autoclosure () -> String) throws(CELError) {
        guard take(symbol) else { throw mistake("\(message()), but \(token.text) stands here") }
    }

    func mistake(_ message: String, at position: CELPosition? = nil) -> CELError {
        CELError(position: position ?? token.position, message: message)
    }

    /// Reports a mistake after which parsing continues. The same mistake at a token is reported once.
    mutating func report(_ message: String) {
        guard mistakes.count < CELExpression.maximumErrors, mistakes.last?.position != token.position else { return }
        mistakes.append(mistake(message))
    }

    // MARK: - Depth

    /// Creates a node; its depth is limited even if the parser is not recursive, as in `1 + 1 + 1`.
    func node(_ kind: Syntax.Kind, _ position: CELPosition) throws(CELError) -> Syntax {
        let syntax = Syntax(kind, at: position)
        guard syntax.depth <= CELExpression.maximumDepth else { throw tooDeep(position) }
        return syntax
    }

    /// Enters a level of nesting; call `leave` afterwards. Every recursion of the parser does this.
    mutating func enter() throws(CELError) {
        guard depth < CELExpression.maximumDepth else { throw tooDeep(token.position) }
        depth += 1
    }

    mutating func leave() { depth -= 1 }

    private func tooDeep(_ position: CELPosition) -> CELError {
        mistake(
            "the expression is nested more than \(CELExpression.maximumDepth) deep; write it flatter, with `in` and a list, say",
            at: position)
    }
}
