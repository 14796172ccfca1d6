/// A token of an expression.
struct Token: Equatable {
    enum Kind: Equatable {
        /// Without its sign, which is an operator.
        case integer(UInt64)
        case double(Double)
        case string(String)
        /// A name, or one of CEL's keywords.
        case word(String)
        case symbol(String)
        case end
    }

    let kind: Kind
    let position: CELPosition

    /// The token as quoted in messages.
    var text: String {
        switch kind {
        case .integer(let value): "`\(value)`"
        case .double(let value): "`\(value)`"
        case .string(let text): "`\(Advice.shortened(Syntax.quoted(text)))`"
        case .word(let text), .symbol(let text): "`\(Advice.shortened(text))`"
        case .end: "the end"
        }
    }
}
