internal import CEL
internal import SheafCore

/// A type as declared in its file, already checked.
public struct TypeDeclaration: Sendable {
    /// The file's name without its extension.
    public let name: String
    /// The business topic of the databus that carries it.
    public let topic: String?
    public let category: String
    public let importance: Importance
    /// How long after it opened a window may still be notified.
    public let expires: Duration?
    public let fields: [DeclaredField]
    /// The fields that divide a recipient's events into windows.
    public let key: [String]
    public let delivery: TypeDelivery
    /// The condition for events, as written in the file.
    public let conditionText: String?
    /// The field whose distinct values `count` counts.
    public let distinct: String?
    public let retraction: Retraction?
    public let hook: EnrichHook?
    /// By language, sorted by tag.
    public let texts: [TypeTexts]
    public let examples: [TypeExample]
    /// Whether it accepts no new events.
    public let isRetired: Bool

    let condition: CELExpression?
    let variables: TextVariables
    let file: String
    /// The file's content, for findings that concern several files, and for the canonical form.
    let source: SourceNode

    /// The members of a type's file.
    static let members = [
        "topic", "category", "importance", "expires", "data", "key", "delivery", "when", "distinct", "retracts",
        "enrich", "texts", "examples", "retired",
    ]

    /// Those that are read and take no effect yet.
    static let membersWithoutEffect = ["expires"]

    /// The place of the field in ``fields``.
    func index(of field: String) -> Int? { fields.firstIndex { $0.name == field } }

    /// Where the file begins.
    var beginning: SourcePosition { source.position == .none ? .none : .start }

    /// Where a member of the file, or the last of several that lead to one another, stands; the file's beginning if it
    /// has none.
    func position(of path: String...) -> SourcePosition {
        var node = source
        for name in path {
            guard case .members(let members, _) = node, let member = members.first(where: { $0.name.text == name })
            else { return beginning }
            node = member.value
        }
        return node.position
    }
}

/// Which earlier events an event retracts.
public struct Retraction: Hashable, Sendable {
    /// The type of the retracted events.
    public let type: String
    /// The fields that must be equal.
    public let fields: [String]

    /// The members of a retraction in a file.
    static let members = ["type", "by"]
}
