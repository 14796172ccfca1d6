/// A field of an event's data, which expressions read as `data.NAME`.
public struct CELField: Hashable, Sendable {
    public let name: String
    public let type: CELType
    /// Whether events may lack it: an expression must then check `has(data.NAME)` first.
    public let isOptional: Bool
    /// The values of an enumeration; nil if any text is allowed.
    public let values: [String]?

    public init(_ name: String, _ type: CELType, isOptional: Bool = false, values: [String]? = nil) {
        self.name = name
        self.type = type
        self.isOptional = isOptional
        self.values = values
    }
}

/// What an expression may read.
public enum CELVariable: Hashable, Sendable {
    /// `data.NAME`, by the field's index in ``CELDeclarations/fields``.
    case field(Int)
    /// `recipient_id`, an int.
    case recipientID
    /// `occurred_at`, a timestamp.
    case occurredAt
}

/// The names that an expression may use. `recipient_id` and `occurred_at` always exist.
public struct CELDeclarations: Sendable {
    public let fields: [CELField]

    private let places: [String: Int]

    /// Of two fields with the same name the first counts.
    public init(fields: [CELField]) {
        self.fields = fields
        places = Dictionary(fields.indices.map { (fields[$0].name, $0) }) { first, _ in first }
    }

    /// The index in `fields` of the field with this name.
    func place(of name: String) -> Int? { places[name] }

    /// The variables outside `data`.
    static let topLevel: [String: (variable: CELVariable, type: CELType)] = [
        "recipient_id": (.recipientID, .int), "occurred_at": (.occurredAt, .timestamp),
    ]
}
