/// Percent-decoding (RFC 3986, section 2.1).
enum PercentDecoding {
    /// `text` decoded once; `nil` where an escape is broken or the result is not UTF-8.
    static func decode(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var isWhole = true
        let bytes = bytes(of: text) { isWhole = false }
        return isWhole ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// `text` decoded once; broken escapes stay as they are, and what is not UTF-8 becomes U+FFFD.
    static func decodeLeniently(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        return String(decoding: bytes(of: text) {}, as: UTF8.self)
    }

    private static func bytes(of text: String, onBrokenEscape: () -> Void) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            if let value = value(ofDigits: rest.prefix(2)) {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                onBrokenEscape()
                result.append(byte)
            }
        }
        return result
    }

    private static func value(ofDigits digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(Substring(digits)), radix: 16)
    }
}
