/// Percent-decoding (RFC 3986, section 2.1) that refuses invalid text and repairs nothing.
///
/// The server reads request heads as UTF-8 and replaces invalid bytes by U+FFFD. So that character counts as invalid
/// too unless it is percent-encoded; otherwise ids that differ only there would become equal.
enum PercentDecoding {
    /// How a percent sign without two digits after it is treated.
    enum BrokenEscapes {
        case refused, kept
    }

    /// `text` decoded once; `nil` if the result is not UTF-8, or an escape is broken and refused.
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
