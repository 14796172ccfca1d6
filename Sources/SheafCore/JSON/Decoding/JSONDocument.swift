/// A text of JSON and what stands where in it.
///
/// Values are read only where they are asked for, straight from the bytes.
final class JSONDocument {
    /// The text's UTF-8.
    private let bytes: [UInt8]
    /// All values and names in the order they stand, the whole first. The last stands for a value that is missing.
    let tokens: [JSONToken]

    /// Takes `text` apart. What is JSON and yet no good (a lone surrogate, U+0000) is refused, as at the intake.
    init(_ text: String) throws(JSONError) {
        bytes = Array(text.utf8)
        tokens = try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            var scanner = JSONScanner(bytes)
            var tokens = try scanner.tokens()
            if let flaw = scanner.takeFlaw() { throw scanner.fault(flaw) }
            tokens.append(.null)
            return tokens
        }
    }

    /// The index of a `null` that does not stand in the text.
    var missing: Int { tokens.count - 1 }

    /// The index behind the value at `index` and all in it.
    func next(after index: Int) -> Int {
        switch tokens[index] {
        case .object(let end), .array(let end): end
        case .string, .number, .boolean, .null: index + 1
        }
    }

    /// The name or string at `index`.
    func string(at index: Int) -> String? {
        guard case .string(let raw) = tokens[index] else { return nil }
        return string(raw)
    }

    func string(_ raw: JSONScanner.RawString) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            // The escapes were found to be good when the text was taken apart.
            (try? JSONScanner(bytes).text(of: raw)) ?? ""
        }
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Whether the name at `index` is `name`, byte by byte.
    func isName(at index: Int, _ name: borrowing String) -> Bool {
        guard case .string(let raw) = tokens[index] else { return false }
        guard !raw.hasEscapes else { return string(raw).utf8.elementsEqual(name.utf8) }
        return name.utf8.count == raw.range.count && name.utf8.elementsEqual(bytes[raw.range])
    }

    /// A whole number of up to 18 digits without fraction and exponent; `nil` for any other.
    func shortInteger(_ range: Range<Int>) -> Int64? {
        bytes.withUnsafeBufferPointer { bytes in
            let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
            let digits = (isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound
            guard digits.count <= 18 else { return nil }
            var value: Int64 = 0
            for index in digits {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value &* 10 &+ Int64(digit)
            }
            return isNegative ? -value : value
        }
    }
}
