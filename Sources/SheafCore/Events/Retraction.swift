/// What an event takes back as it is accepted: live events of a type, of the same recipient, that have the same values
/// and were accepted before it.
///
/// The values are compared as the fields' kinds read them, so that `7` and `"7"` are one whole number; texts go by bytes,
/// moments by what they are in UTC. A value that is absent equals one that is absent too.
public struct Retraction: Hashable, Sendable {
    /// Why an event ended that was taken back, by another or by its producer.
    public static let reason = "retracted"

    /// The type of the events that it takes back.
    public let type: EventTypeCode
    /// The members of their `data` that are compared.
    let fields: [PayloadField]
    /// The values that they have.
    let key: RetractionKey

    /// - Parameters:
    ///   - type: the type of the events that it takes back.
    ///   - fields: the members of their `data` that are compared.
    ///   - values: the value of each field; `nil` if it is absent.
    public init(of type: EventTypeCode, by fields: [PayloadField], _ values: [PayloadScalar?]) {
        self.type = type
        self.fields = fields
        key = RetractionKey(fields, values)
    }
}

/// Values of some fields, to be compared at once.
struct RetractionKey: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ fields: [PayloadField], _ values: [PayloadScalar?]) {
        var bytes: [UInt8] = []
        for (field, value) in zip(fields, values) {
            let (kind, text): (Unicode.Scalar, String) =
                switch value {
                case nil: ("0", "")
                case .integer(let value): ("i", String(value))
                // Zero is one number, whatever its sign.
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

    /// The values of an event that was stored; `nil` if they cannot be read.
    init?(_ fields: [PayloadField], of event: Event) {
        guard let values = try? PayloadReader.read(fields, from: event.payload),
            let scalars = try? fields.indices.map({ try values.optional(at: $0) })
        else { return nil }
        self.init(fields, scalars)
    }
}
