/// One value or name of a document, as it stands in ``JSONDocument/tokens``.
///
/// A container's token is followed by those of its members (a name and a value each) or elements; `end` is the index of
/// the first token behind them.
enum JSONToken {
    case object(end: Int)
    case array(end: Int)
    case string(JSONScanner.RawString)
    case number(Range<Int>)
    case boolean(Bool)
    case null

    var kind: JSONKind {
        switch self {
        case .object: .object
        case .array: .array
        case .string: .string
        case .number: .number
        case .boolean: .boolean
        case .null: .null
        }
    }
}
