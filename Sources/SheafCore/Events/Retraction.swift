/// What an event retracts when it is accepted: live events of a type and of the same recipient that have the same
/// values and were accepted before it.
///
/// Values are compared by the kinds of their fields, so `7` and `"7"` are the same integer. Texts are compared by
/// bytes, times as moments in UTC. Two absent values are equal.
public struct Retraction: Hashable, Sendable {
    /// The reason of an event that was retracted by another event or by its producer.
    public static let reason = "retracted"

    /// The type of the events that it retracts.
    public let type: EventTypeCode
    /// The members of their `data` that are compared.
    let fields: [PayloadField]
    /// Their names.
    public var fieldNames: [String] { fields.map(\.name) }
    /// The values that they have.
    let key: RetractionKey

    /// - Parameters:
    ///   - type: the type of the events that it retracts.
    ///   - fields: the members of their `data` that are compared.
    ///   - values: the value of each field; `nil` if it is absent.
    public init(of type: EventTypeCode, by fields: [PayloadField], _ values: [PayloadScalar?]) {
        self.type = type
        self.fields = fields
        key = RetractionKey(fields, values)
    }
}

/// The values of several fields, compared together.
struct RetractionKey: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ fields: [PayloadField], _ values: [PayloadScalar?]) {
        var bytes: [UInt8] = []
        for (field, value) in zip(fields, values) {
            let (kind, text): (Unicode.Scalar, String) =
                switch value {
                case nil: ("0", "")
                case .integer(let value): ("i", String(value))
                // Zero equals negative zero.
                case .number(let value): ("n", String(value == 0 ? 0 : value))
                case .text(let value) where field.kind == .time:
                    ("m", Timestamp(value).map { String($0.microseconds) } ?? value)
                case .text(let value): ("t", value)
                case .boolean(let value): ("b", String(value))
                }
            bytes += "\(kind)\(text.utf8.count):".utf8
            bytes += text.utf8
        }
        self.bytes = bytes
    }

    /// The values of a stored event; `nil` if they cannot be read.
    init?(_ fields: [PayloadField], of event: Event) {
        guard let values = try? PayloadReader.read(fields, from: event.payload),
            let scalars = try? fields.indices.map({ try values.optional(at: $0) })
        else { return nil }
        self.init(fields, scalars)
    }
}
