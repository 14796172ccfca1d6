// Strings with their escapes (RFC 8259, section 7).
extension JSONScanner {
    /// Reads a string.
    mutating func string() throws(JSONError) -> String { try text(of: skipString()) }

    /// The range of a string's content, already checked.
    struct RawString {
        let range: Range<Int>
        let hasEscapes: Bool
    }

    /// Skips a string.
    @discardableResult
    mutating func skipString() throws(JSONError) -> RawString {
        guard take("\"") else { throw fault("expected a string") }
        let start = position
        var hasEscapes = false
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return RawString(range: start..<position, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                _ = try escape()
            case 0..<0x20: throw fault("a control character in a string is not escaped")
            default: position += 1
            }
        }
        throw fault("the text ends within a string")
    }

    /// The string with its escapes resolved.
    func text(of string: RawString) throws(JSONError) -> String {
        guard string.hasEscapes else { return text(string.range) }
        // Errors here were already noted when the string was skipped.
        var inside = JSONScanner(bytes, range: string.range)
        return try inside.unescaped()
    }

    /// Reads the string's content to the end.
    private mutating func unescaped() throws(JSONError) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(end - position)
        while let byte = peek() {
            if byte == UInt8(ascii: "\\") {
                result.append(contentsOf: try escape().utf8)
            } else {
                result.append(byte)
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        position += 1
        guard let byte = peek() else { throw fault("the text ends within a string") }
        position += 1
        return switch byte {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "u"): try unicodeEscape()
        default: throw fault("an unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if first == 0, !takesNull { note("a string may not hold U+0000") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let afterFirst = position
        if (0xD800...0xDBFF).contains(first), advance(if: UInt8(ascii: "\\")), advance(if: UInt8(ascii: "u")) {
            let second = try hexadecimal()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        position = afterFirst
        note("a lone surrogate in a string")
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = hexDigit(byte) else {
                throw fault("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
