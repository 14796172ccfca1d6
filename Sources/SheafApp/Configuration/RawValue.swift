/// The value of a key in a file or the environment.
enum RawValue: Hashable, Sendable {
    case text(String)
    case list([String])

    /// The entries of a list, or of a text separated by commas.
    var entries: [String] {
        switch self {
        case .list(let entries): entries
        case .text(let text): text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        }
    }
}

extension StringProtocol {
    /// The text without white space around it.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
