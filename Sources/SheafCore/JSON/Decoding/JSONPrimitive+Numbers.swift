internal import FoundationEssentials

extension JSONPrimitive where Self: FixedWidthInteger {
    static var kind: JSONKind { .number }

    static func read(_ token: JSONToken, of document: JSONDocument) -> Self? {
        guard case .number(let range) = token else { return nil }
        if let short = document.shortInteger(range) { return Self(exactly: short) }
        return whole(document.text(range))
    }

    /// The number that a JSON text writes, where it is whole and fits: also with a fraction or an exponent, as 34.0 and
    /// 1e3 are.
    static func whole(_ text: String) -> Self? {
        if let value = Self(text) { return value }
        guard let double = Double(text), let value = Self(exactly: double) else { return nil }
        // From 2^53 on a Double may stand for a neighbour of what was written.
        if double.magnitude < 0x1p53 { return value }
        return Decimal(string: text).flatMap { Self($0.description) }
    }
}

extension JSONPrimitive where Self: BinaryFloatingPoint & LosslessStringConvertible {
    static var kind: JSONKind { .number }

    static func read(_ token: JSONToken, of document: JSONDocument) -> Self? {
        guard case .number(let range) = token else { return nil }
        let text = document.text(range)
        guard let value = Self(text), value.isFinite else { return nil }
        // One too small to be told from 0 does not fit.
        if value == 0, text.utf8.prefix(while: { $0 | 0x20 != UInt8(ascii: "e") }).contains(where: isNonzero) {
            return nil
        }
        return value
    }

    private static func isNonzero(_ byte: UInt8) -> Bool { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) }
}

extension Int: JSONPrimitive {}
extension Int8: JSONPrimitive {}
extension Int16: JSONPrimitive {}
extension Int32: JSONPrimitive {}
extension Int64: JSONPrimitive {}
extension Int128: JSONPrimitive {}
extension UInt: JSONPrimitive {}
extension UInt8: JSONPrimitive {}
extension UInt16: JSONPrimitive {}
extension UInt32: JSONPrimitive {}
extension UInt64: JSONPrimitive {}
extension UInt128: JSONPrimitive {}
extension Double: JSONPrimitive {}
extension Float: JSONPrimitive {}
