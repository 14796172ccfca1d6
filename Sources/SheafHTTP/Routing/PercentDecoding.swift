/// Percent-decoding (RFC 3986, section 2.1) that refuses what is no text, and repairs nothing.
///
/// The server reads heads as UTF-8 and puts U+FFFD in the place of bytes that are none. So that character itself counts
/// as such a byte unless it comes percent-encoded: else ids that differ only there would become one.
enum PercentDecoding {
    /// What happens to a percent sign without two digits behind it.
    enum BrokenEscapes {
        case refused, kept
    }

    /// `text` decoded once; `nil` if that is not UTF-8, or an escape is broken and refused.
    static func decode(_ text: String, brokenEscapes: BrokenEscapes = .refused) -> String? {
        guard !text.unicodeScalars.contains("\u{FFFD}") else { return nil }
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
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
            } else if brokenEscapes == .kept {
                result.append(byte)
            } else {
                return nil
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func value(ofDigits digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt8(String(Substring(digits)), radix: 16)
    }
}
