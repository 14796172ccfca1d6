import SheafCore

/// A reply in RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/).
public enum RedisValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// A bulk string, which may hold any bytes.
    case string([UInt8])
    /// A simple string, such as `OK`.
    case status(String)
    case array([RedisValue])
    case error(RedisReplyError)
}

extension RedisValue {
    /// The bytes of a string.
    func bytes() throws -> [UInt8] {
        switch self {
        case .string(let bytes): return bytes
        case .status(let text): return Array(text.utf8)
        default: throw unexpected("a string")
        }
    }

    func text() throws -> String { String(decoding: try bytes(), as: UTF8.self) }

    /// A whole number, also one written as a string.
    func number() throws -> Int64 {
        if case .integer(let number) = self { return number }
        guard let number = Int64(try text()) else { throw unexpected("a number") }
        return number
    }

    func elements() throws -> [RedisValue] {
        guard case .array(let elements) = self else { throw unexpected("an array") }
        return elements
    }

    /// The error for a reply of another form than expected. It does not show the reply, which may hold data.
    private func unexpected(_ expected: String) -> SheafError {
        if case .error(let error) = self { return error.sheafError }
        let found =
            switch self {
            case .null: "nothing"
            case .integer: "a number"
            case .string, .status: "another string"
            case .array: "an array"
            case .error: "an error"
            }
        return SheafError(.storage, "Redis answered \(found) instead of \(expected)")
    }
}
