internal import FoundationEssentials

/// The result of reading a 64-bit integer.
enum JSONInteger: Hashable {
    case value(Int64)
    /// A number, or a string of digits, that is not whole or exceeds 64 bits.
    case unfit
    /// Another kind of value, which was skipped.
    case other(JSONKind)
}

extension JSONScanner {
    /// Reads a 64-bit integer, also one that is written as a string of digits, since JavaScript numbers cannot hold all
    /// of them.
    mutating func integer() throws(JSONError) -> JSONInteger {
        switch try nextKind() {
        case .number:
            let range = try skipNumber()
            return (shortInteger(range) ?? Int64(json: text(range))).map(JSONInteger.value) ?? .unfit
        case .string:
            let raw = try skipString()
            if let value = shortInteger(raw.range) { return .value(value) }
            let text = try text(of: raw)
            guard Self.isInteger(text) else { return .other(.string) }
            return Int64(text).map(JSONInteger.value) ?? .unfit
        case let kind:
            try skipValue()
            return .other(kind)
        }
    }

    /// Digits only, with an optional minus sign.
    private static func isInteger(_ text: String) -> Bool {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// An integer of up to 18 digits without fraction and exponent; `nil` for any other number.
    private func shortInteger(_ range: Range<Int>) -> Int64? {
        guard !range.isEmpty else { return nil }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let digits = (isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound
        guard (1...18).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for index in digits {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return isNegative ? -value : value
    }
}

extension Int64 {
    /// The value of a JSON number, if it is whole and fits; it may have a fraction or an exponent, such as 34.0 or 1e3.
    init?(json text: String) {
        if let value = Int64(text) {
            self = value
            return
        }
        guard let double = Double(text), let value = Int64(exactly: double) else { return nil }
        // From 2^53 on a Double may differ from the number in the text.
        guard double.magnitude >= 0x1p53 else {
            self = value
            return
        }
        guard let exact = Decimal(string: text).flatMap({ Int64($0.description) }) else { return nil }
        self = exact
    }
}
