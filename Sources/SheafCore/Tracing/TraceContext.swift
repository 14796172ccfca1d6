/// The trace and the parent span of an operation: W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/),
/// as in the headers `traceparent` and `tracestate`.
public struct TraceContext: Hashable, Sendable {
    /// The maximum bytes of a `tracestate`, which every system must propagate (section 3.3.1.5). A longer one is
    /// dropped, as is one with characters other than printable ASCII.
    public static let maximumStateLength = 512

    /// The sixteen bytes of the trace id, not all of them zero.
    public let trace: (high: UInt64, low: UInt64)
    /// The id of the parent span; not zero.
    public let span: UInt64
    /// Whether the caller may have recorded the trace: the only flag of version 00.
    public let isSampled: Bool
    /// Data of other systems on the path, to be propagated.
    public let state: String?

    public init(trace: (high: UInt64, low: UInt64), span: UInt64, isSampled: Bool, state: String? = nil) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads the values of the two headers. Of a later version it reads only the parts known here (section 3.2.4).
    ///
    /// - Returns: `nil` if `parent` is not valid.
    public init?(parent: String, state: String? = nil) {
        let bytes = Array(parent.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.hexadecimal(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == dash),
            let high = Self.hexadecimal(bytes[3..<19]), let low = Self.hexadecimal(bytes[19..<35]), high | low != 0,
            let span = Self.hexadecimal(bytes[36..<52]), span != 0, let flags = Self.hexadecimal(bytes[53..<55])
        else { return nil }
        self.init(
            trace: (high, low), span: span, isSampled: flags & 1 == 1, state: state.flatMap { Self.checked($0) })
    }

    /// Reads the text of ``description``; `nil` if it is none.
    public init?(_ text: String) {
        let halves = text.split(separator: " ", maxSplits: 1)
        guard let parent = halves.first else { return nil }
        self.init(parent: String(parent), state: halves.count > 1 ? String(halves[1]) : nil)
    }

    /// The same trace under another span.
    public func under(span: UInt64) -> TraceContext {
        TraceContext(trace: trace, span: span, isSampled: isSampled, state: state)
    }

    /// The value of the header `traceparent`.
    public var parent: String { "00-\(traceText)-\(Self.padded(span))-\(isSampled ? "01" : "00")" }

    /// The trace id in hexadecimal digits.
    public var traceText: String { Self.padded(trace.high) + Self.padded(trace.low) }

    /// The span id in hexadecimal digits.
    public var spanText: String { Self.padded(span) }

    public static func == (left: Self, right: Self) -> Bool {
        left.trace == right.trace && left.span == right.span && left.isSampled == right.isSampled
            && left.state == right.state
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(trace.high)
        hasher.combine(trace.low)
        hasher.combine(span)
    }

    private static func checked(_ state: String) -> String? {
        var state = state[...]
        while state.first == " " { state.removeFirst() }
        while state.last == " " { state.removeLast() }
        guard !state.isEmpty, state.utf8.count <= maximumStateLength, state.utf8.allSatisfy({ (0x20...0x7E) ~= $0 })
        else { return nil }
        return String(state)
    }

    /// The specification allows lower-case digits only.
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

extension TraceContext: CustomStringConvertible {
    /// One text for both headers, as stored: `traceparent`, and after a space `tracestate` if there is one.
    public var description: String { parent + (state.map { " " + $0 } ?? "") }
}
