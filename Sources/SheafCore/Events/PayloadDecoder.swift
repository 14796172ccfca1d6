/// Decodes payloads and words what is wrong with them.
enum PayloadDecoder {
    static func decode<Payload: Decodable>(
        _: Payload.Type, from texts: [String]
    ) -> [Result<Payload, SheafError>] {
        texts.map { text in
            Result { try JSONValue(text: text).decode(Payload.self) }.mapError(describe)
        }
    }

    /// The decoder's complaint in terms of the event, without its values.
    private static func describe(_ error: any Error) -> SheafError {
        func field(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            let keys = path + (last.map { [$0] } ?? [])
            return (["data"] + keys.map { $0.intValue.map(String.init) ?? $0.stringValue }).joined(separator: ".")
        }
        return switch error {
        case let error as SheafError: error
        case DecodingError.keyNotFound(let key, let context):
            SheafError(.badPayload, field: field(context.codingPath, key), "is missing")
        case DecodingError.valueNotFound(let type, let context):
            SheafError(.badPayload, field: field(context.codingPath), "is null, expected \(name(of: type))")
        case DecodingError.typeMismatch(let type, let context):
            SheafError(.badPayload, field: field(context.codingPath), "has the wrong type, expected \(name(of: type))")
        case DecodingError.dataCorrupted(let context):
            SheafError(.badPayload, field: field(context.codingPath), "has a value that does not fit")
        default: SheafError(.badPayload, field: "data", "cannot be read")
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is Int64.Type, is Int.Type: "a whole number of 64 bits"
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is [String: Any].Type: "an object"
        default: "\(type)"
        }
    }
}
