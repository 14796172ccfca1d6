import NIOCore

/// Writes JSON by hand, since an encoder is too slow, for responses to posted events.
struct JSONText {
    private(set) var buffer: ByteBuffer

    init(capacity: Int = 256) { buffer = ByteBuffer(); buffer.reserveCapacity(capacity) }

    /// Adds text unchanged.
    mutating func add(_ text: StaticString) { buffer.writeStaticString(text) }

    /// Adds a string in quotes, escaped as RFC 8259, section 7, requires.
    mutating func add(string: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        if string.utf8.contains(where: Self.needsEscape) {
            for byte in string.utf8 { add(escaped: byte) }
        } else {
            buffer.writeString(string)
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Adds a string in quotes, or null.
    mutating func add(string: String?) {
        if let string { add(string: string) } else { add("null") }
    }

    /// Adds an error's object.
    mutating func add(error: APIError) {
        add("{\"code\":")
        add(string: error.code)
        add(",\"message\":")
        add(string: error.message)
        if let field = error.field {
            add(",\"field\":")
            add(string: field)
        }
        for (index, mistake) in error.mistakes.enumerated() {
            add(index == 0 ? ",\"mistakes\":[" : ",")
            add(string: mistake)
        }
        if !error.mistakes.isEmpty { add("]") }
        add("}")
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func add(escaped byte: UInt8) {
        guard Self.needsEscape(byte) else {
            buffer.writeInteger(byte)
            return
        }
        switch byte {
        case UInt8(ascii: "\""): add("\\\"")
        case UInt8(ascii: "\\"): add("\\\\")
        case UInt8(ascii: "\n"): add("\\n")
        case UInt8(ascii: "\r"): add("\\r")
        case UInt8(ascii: "\t"): add("\\t")
        default:
            add(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0xF
            buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
