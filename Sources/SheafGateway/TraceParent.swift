import SheafCore

/// The header `traceparent` of W3C Trace Context, version 00: which trace a request belongs to.
struct TraceParent: Hashable, CustomStringConvertible {
    /// The trace's sixteen bytes, not all of them zero.
    let trace: (high: UInt64, low: UInt64)
    /// The caller's span, not zero.
    let parent: UInt64
    /// Whether the caller may have recorded the trace: the one flag of version 00.
    let isSampled: Bool

    init(trace: (high: UInt64, low: UInt64), parent: UInt64, isSampled: Bool) {
        self.trace = trace
        self.parent = parent
        self.isSampled = isSampled
    }

    /// A new span within the trace of the notification's events; a trace that is named after the notification where
    /// they have none.
    init(of notification: UserNotification) {
        let origin = notification.traceParent.flatMap { TraceParent($0) }
        self.init(
            trace: origin?.trace ?? (notification.id.high, notification.id.low),
            parent: .random(in: 1 ... .max), isSampled: origin?.isSampled ?? true)
    }

    /// The header's value read; `nil` where it is not valid. Of a later version only what this one knows is read
    /// (section 3.2.4 of the specification).
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.hexadecimal(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == dash),
            let high = Self.hexadecimal(bytes[3..<19]), let low = Self.hexadecimal(bytes[19..<35]), high | low != 0,
            let parent = Self.hexadecimal(bytes[36..<52]), parent != 0, let flags = Self.hexadecimal(bytes[53..<55])
        else { return nil }
        self.init(trace: (high, low), parent: parent, isSampled: flags & 1 == 1)
    }

    var description: String {
        "00-\(Self.padded(trace.high))\(Self.padded(trace.low))-\(Self.padded(parent))-\(isSampled ? "01" : "00")"
    }

    static func == (left: Self, right: Self) -> Bool { left.description == right.description }
    func hash(into hasher: inout Hasher) { hasher.combine(description) }

    /// The specification knows lower-case digits only.
    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    private static func padded(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
