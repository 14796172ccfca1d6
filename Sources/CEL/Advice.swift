/// Error messages that suggest a correction.
enum Advice {
    /// Reserved words that cannot be names: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
    static let keywords: Set<String> = ["false", "in", "null", "true"]
    private static let reservedWords: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    ]

    /// Operators of other languages, in lower case, with CEL's operators.
    static let foreignOperators = ["and": "&&", "or": "||", "is": "==", "mod": "%", "div": "/", "eq": "==", "ne": "!="]

    /// Why the word cannot be a value; nil if it can.
    static func reserved(_ word: String) -> String? {
        switch word {
        case "null", "nil", "None", "NULL", "Null", "undefined":
            "there is no `\(word)` here: write `!has(data.F)` to ask whether a field is absent"
        case "True", "TRUE", "False", "FALSE": "CEL writes `\(word.lowercased())` in small letters"
        case "if": "CEL has no `if`; write `condition ? value : other value`"
        case "in": "`in` needs a value before it, as in `data.F in [\"a\", \"b\"]`"
        case _ where reservedWords.contains(word): "`\(word)` is a reserved word of CEL and means nothing here"
        default: nil
        }
    }

    /// The message for a token after the end of an expression.
    static func unexpected(_ token: Token) -> String {
        switch token.kind {
        case .symbol(")"): "this `)` closes nothing; leave it out, or write its `(`"
        case .symbol("]"): "this `]` closes nothing; leave it out, or write its `[`"
        case .symbol(":"): "this `:` has no `?` before it; put a `?:` inside another one into parentheses"
        case .symbol("?"): "put a `?:` inside another one into parentheses"
        case .symbol("!"): "`!` stands before a value; write `!(… in …)` for not in, and `!=` for unequal"
        case .word("not"): "CEL has no `not`; write `!(… in …)` for not in"
        default: "an operator, such as `&&` or `==`, is missing before \(token.text)"
        }
    }

    /// The message for a token where a value is expected.
    static func missing(before token: Token) -> String {
        switch token.kind {
        case .end: "the expression ends too early: a value is missing"
        default: "a value is missing before \(token.text)"
        }
    }

    /// The message for a character that CEL does not use.
    static func strange(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "“", "”", "„", "‘", "’", "«", "»", "`": "strings are written in straight quotes, \"…\" or '…'"
        case "{", "}": "there are no maps here; lists are written in `[ ]`"
        case ";": "an expression has no `;` at its end; leave it out"
        case "#": "a comment begins with `//`"
        case "^", "~": "there are no bit operations; `\(scalar)` means nothing here"
        case "$", "@": "fields are written data.F, without `\(scalar)`"
        default: "the character `\(visible(scalar))` means nothing here; leave it out, or put it into a string"
        }
    }

    /// The character, or its number if it is invisible.
    static func visible(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned, .privateUse,
            .nonspacingMark, .enclosingMark, .spacingMark:
            "U+" + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).utf8.count))
                + String(scalar.value, radix: 16, uppercase: true)
        default: String(scalar)
        }
    }

    /// The text as quoted in messages.
    static func shortened(_ text: String) -> String {
        text.unicodeScalars.count <= 60
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(59))) + "…"
    }

    /// The candidate nearest to the name, if at most a third of it differs.
    static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, name.utf8.count / 3)
        let distances = candidates.map { (candidate: $0, distance: distance(name, $0, limit: limit)) }
        return distances.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.candidate
    }

    /// The number of letters to insert, remove, replace or swap with their neighbour (optimal string alignment),
    /// ignoring case; any number above `limit` may be returned for more.
    private static func distance(_ left: String, _ right: String, limit: Int) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        guard abs(left.count - right.count) <= limit, left.count <= 100 else { return limit + 1 }
        var before: [Int] = []
        var above = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            (before, above) = (above, row)
        }
        return above[right.count]
    }
}
