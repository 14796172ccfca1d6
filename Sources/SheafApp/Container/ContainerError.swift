/// A misuse of the container; a mistake in the program.
public enum ContainerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Parts depend on each other in a cycle; the first name is repeated at the end.
    case cycle([String])
    /// A part was first asked for after closing had begun.
    case closed(part: String)
    /// A part was to be replaced after its first use.
    case replacedTooLate(part: String)
    /// A replacement is not of the part's type.
    case wrongReplacement(part: String, expected: String, found: String)

    public var description: String {
        switch self {
        case .cycle(let names): "parts need each other in a circle: " + names.joined(separator: " → ")
        case .closed(let part): "the part \(part) was asked for after the container was closed"
        case .replacedTooLate(let part): "the part \(part) was replaced after it had been asked for"
        case .wrongReplacement(let part, let expected, let found):
            "the part \(part) was replaced by \(found), which is not \(expected); does the part lack its 'as:'?"
        }
    }
}
