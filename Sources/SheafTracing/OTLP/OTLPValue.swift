import Tracing

/// An attribute's value in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): 64-bit
/// integers are strings there.
enum OTLPValue: Encodable, Hashable {
    case string(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case array([OTLPValue])

    private enum Key: String, CodingKey {
        case stringValue, intValue, doubleValue, boolValue, arrayValue
    }

    private struct Elements: Encodable {
        let values: [OTLPValue]
    }

    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .int(Int64(value))
        case .int64(let value): self = .int(value)
        // JSON has no infinite numbers and no NaN.
        case .double(let value): self = value.isFinite ? .double(value) : .string("\(value)")
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .string(value)
        case .stringConvertible(let value): self = .string(value.description)
        case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): self = .array(values.map { .int($0) })
        case .doubleArray(let values): self = .array(values.map { OTLPValue(.double($0)) })
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .stringArray(let values): self = .array(values.map { .string($0) })
        case .stringConvertibleArray(let values): self = .array(values.map { .string($0.description) })
        default: self = .string("")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .string(let value): try container.encode(value, forKey: .stringValue)
        case .int(let value): try container.encode(String(value), forKey: .intValue)
        case .double(let value): try container.encode(value, forKey: .doubleValue)
        case .bool(let value): try container.encode(value, forKey: .boolValue)
        case .array(let values): try container.encode(Elements(values: values), forKey: .arrayValue)
        }
    }
}

/// A named value.
struct OTLPAttribute: Encodable, Hashable {
    let key: String
    let value: OTLPValue

    static func all(of attributes: SpanAttributes) -> [OTLPAttribute] {
        var all: [OTLPAttribute] = []
        attributes.forEach { name, value in all.append(OTLPAttribute(key: name, value: OTLPValue(value))) }
        return all.sorted { $0.key < $1.key }
    }
}
