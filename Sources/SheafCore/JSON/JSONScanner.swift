/// Reads JSON (RFC 8259) strictly from valid UTF-8, member by member, and leaves values it is not asked for as ranges.
///
/// Foundation's decoder gives neither the bytes of a nested value (`data` is stored as the producer wrote it), nor
/// refuses a name that stands twice, and costs several times the time an event has; hence a reader of our own.
///
/// What breaks the grammar is thrown. What keeps to it but is no good all the same (a name twice in an object, a lone
/// surrogate, U+0000 in a string, which PostgreSQL cannot store, nesting deeper than ``maximumDepth``) is noted as the
/// ``flaw``, and reading goes on: it spoils one event, not the body around it.
struct JSONScanner {
    /// The deepest nesting that is taken.
    static let maximumDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position: Int
    private let end: Int
    private var flaw: String?

    /// A scanner over `range` of `bytes`, which must be valid UTF-8 and outlive it.
    init(_ bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>? = nil) {
        self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// What was noted since the last call.
    mutating func takeFlaw() -> String? {
        defer { flaw = nil }
        return flaw
    }

    // MARK: Structure

    /// Reads an object; `member` is called with each name and reads its value.
    mutating func object(_ member: (inout JSONScanner, String) throws(JSONError) -> Void) throws(JSONError) {
        guard take("{") else { throw fault("expected '{'") }
        if take("}") { return }
        var names = NameSet()
        repeat { try member(&self, try name(&names)) } while take(",")
        guard take("}") else { throw fault("expected ',' or '}' in an object") }
    }

    /// Reads an array; `element` is called for each and reads it.
    mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        guard take("[") else { throw fault("expected '['") }
        if take("]") { return }
        repeat { try element(&self) } while take(",")
        guard take("]") else { throw fault("expected ',' or ']' in an array") }
    }

    /// Checks that nothing but white space is left.
    mutating func finish() throws(JSONError) {
        skipSpace()
        guard position == end else { throw fault("expected nothing after the value") }
    }

    /// The kind of the next value, by its first character.
    mutating func nextKind() throws(JSONError) -> JSONKind {
        skipSpace()
        guard let byte = peek() else { throw fault("the text ends where a value is expected") }
        return switch byte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: throw fault("expected a value")
        }
    }

    /// Reads any value, however deep, and answers where it stands.
    mutating func skipValue() throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = position
        // One entry an open container: whether it is an object. Names are kept for the depths that are taken at all.
        var isObject: [Bool] = []
        var names: [NameSet] = []
        repeat {
            var isOpening = false
            let kind = try nextKind()
            switch kind {
            case .object, .array:
                position += 1
                isOpening = !take(kind == .object ? "}" : "]")
                guard isOpening else { break }
                isObject.append(kind == .object)
                if isObject.count <= Self.maximumDepth { names.append(NameSet()) } else { note(tooDeep) }
            case .string: _ = try string()
            case .number: _ = try number()
            case .boolean: try literal(peek() == UInt8(ascii: "t") ? "true" : "false")
            case .null: try literal("null")
            }
            while !isOpening, let inObject = isObject.last {
                if take(",") { break }
                guard take(inObject ? "}" : "]") else {
                    throw fault("expected ',' or the end of \(inObject ? "an object" : "an array")")
                }
                isObject.removeLast()
                if names.count > isObject.count { names.removeLast() }
            }
            if isObject.last == true {
                if isObject.count == names.count {
                    _ = try name(&names[names.count - 1])
                } else {
                    var ignored = NameSet()
                    _ = try name(&ignored)
                }
            }
        } while !isObject.isEmpty
        return start..<position
    }

    /// Reads the name of a member and the colon behind it.
    private mutating func name(_ names: inout NameSet) throws(JSONError) -> String {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { throw fault("expected a name in quotes") }
        let name = try string()
        if !names.insert(name) { note("a name stands twice in one object") }
        guard take(":") else { throw fault("expected ':' after a name") }
        return name
    }

    private var tooDeep: String { "is nested deeper than \(Self.maximumDepth)" }

    /// The text that stands at `range`.
    func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    // MARK: Scalars

    /// Reads a string.
    mutating func string() throws(JSONError) -> String {
        guard take("\"") else { throw fault("expected a string") }
        let start = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return text(start..<position)
            case UInt8(ascii: "\\"):
                return try escapedString(from: start)
            case 0..<0x20: throw fault("a control character stands unescaped in a string")
            default: position += 1
            }
        }
        throw fault("the text ends within a string")
    }

    /// Reads a number and answers its text, which has the grammar of RFC 8259.
    mutating func number() throws(JSONError) -> String {
        skipSpace()
        let start = position
        advance(if: UInt8(ascii: "-"))
        if !advance(if: UInt8(ascii: "0")) { try digits() }
        if advance(if: UInt8(ascii: ".")) { try digits() }
        if advance(if: UInt8(ascii: "e")) || advance(if: UInt8(ascii: "E")) {
            if !advance(if: UInt8(ascii: "+")) { advance(if: UInt8(ascii: "-")) }
            try digits()
        }
        return text(start..<position)
    }

    mutating func literal(_ word: StaticString) throws(JSONError) {
        skipSpace()
        let matches =
            end - position >= word.utf8CodeUnitCount
            && (0..<word.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
        guard matches else { throw fault("expected \(word)") }
        position += word.utf8CodeUnitCount
    }

    // MARK: Characters

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var result = Array(bytes[start..<position])
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw fault("a control character stands unescaped in a string")
            default: result.append(byte)
            }
        }
        throw fault("the text ends within a string")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
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
        default: throw fault("an unknown escape stands in a string")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = UInt32(try hexadecimal())
        if first == 0 { note("a string may not hold U+0000") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let afterFirst = position
        if (0xD800...0xDBFF).contains(first), advance(if: UInt8(ascii: "\\")), advance(if: UInt8(ascii: "u")) {
            let second = UInt32(try hexadecimal())
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
        }
        position = afterFirst
        note("a lone surrogate stands in a string")
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        guard end - position >= 4,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt16(text(position..<position + 4), radix: 16)
        else { throw fault("expected four hexadecimal digits after \\u") }
        position += 4
        return value
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw fault("expected a digit") }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return advance(if: UInt8(ascii: character))
    }

    @discardableResult
    private mutating func advance(if byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() -> UInt8? { position < end ? bytes[position] : nil }

    private mutating func note(_ message: String) { flaw = flaw ?? message }

    private func fault(_ message: String) -> JSONError { JSONError(message: message, offset: position) }
}

/// The kinds of JSON values.
enum JSONKind: String {
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case number = "a number"
    case boolean = "true or false"
    case null
}

/// Why a text is not JSON, and where.
struct JSONError: Error, Hashable {
    let message: String
    /// The byte at which it was noticed.
    let offset: Int
}

/// The names of an object seen so far: a few are compared one by one, many are hashed.
private struct NameSet {
    private var few: [String] = []
    private var many: Set<String> = []

    /// Whether `name` is new.
    mutating func insert(_ name: String) -> Bool {
        if few.count < 12 {
            guard !few.contains(name) else { return false }
            few.append(name)
            return true
        }
        if many.isEmpty { many.formUnion(few) }
        return many.insert(name).inserted
    }
}
