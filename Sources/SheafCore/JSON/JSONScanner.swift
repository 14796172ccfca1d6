/// Reads JSON (RFC 8259) strictly from valid UTF-8, member by member, and returns values that the caller does not read
/// as ranges.
///
/// We need a reader of our own: Foundation's decoder does not give the bytes of a nested value (`data` is stored as the
/// producer wrote it), does not refuse duplicate names, and takes several times as long as an event may cost.
///
/// Invalid grammar is thrown. Valid JSON that Sheaf refuses (a duplicate name in an object, a lone surrogate, U+0000 in
/// a string, which PostgreSQL cannot store, nesting deeper than ``maximumDepth``) is noted as the ``flaw``, and reading
/// goes on: it spoils one event, not the whole body.
struct JSONScanner {
    /// The maximum nesting of a value that is skipped, counted from that value.
    static let maximumDepth = 64

    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    let end: Int
    private var flaw: String?
    /// Whether U+0000 in a string is no flaw, since the text is not stored.
    var takesNull = false

    /// A scanner over `range` of `bytes`, which must be valid UTF-8 and outlive it.
    init(_ bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>? = nil) {
        self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    /// The flaw noted since the last call.
    mutating func takeFlaw() -> String? {
        defer { flaw = nil }
        return flaw
    }

    /// The text at `range`.
    func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
}

// MARK: - Structure

extension JSONScanner {
    /// Reads an object; `member` is called with each name and reads its value.
    mutating func object(_ member: (inout JSONScanner, String) throws(JSONError) -> Void) throws(JSONError) {
        guard take("{") else { throw fault("expected '{'") }
        if take("}") { return }
        var names = JSONNames()
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

    /// Skips any value, however deep, and returns its range. It is not recursive and needs one byte for each open
    /// container, so no body can exhaust the stack or the memory.
    @discardableResult
    mutating func skipValue() throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = position
        // For each open container, whether it is an object; and the names of the objects up to the maximum depth.
        var isObject: [Bool] = []
        var names: [JSONNames] = []
        repeat {
            let kind = try nextKind()
            let isTooDeep = isObject.count >= Self.maximumDepth
            if isTooDeep, kind == .object || kind == .array { note("is nested deeper than \(Self.maximumDepth)") }
            if try opens(kind) {
                isObject.append(kind == .object)
                if !isTooDeep { names.append(JSONNames()) }
            } else {
                while let inObject = isObject.last, !take(",") {
                    guard take(inObject ? "}" : "]") else {
                        throw fault("expected ',' or the end of \(inObject ? "an object" : "an array")")
                    }
                    isObject.removeLast()
                    if names.count > isObject.count { names.removeLast() }
                }
            }
            guard isObject.last == true else { continue }
            if isObject.count == names.count {
                _ = try name(&names[names.count - 1])
            } else {
                try skipName()
            }
        } while !isObject.isEmpty
        return start..<position
    }

    /// Skips a value of `kind`, or the opening of a container that is not empty.
    /// - Returns: whether it opened a container.
    private mutating func opens(_ kind: JSONKind) throws(JSONError) -> Bool {
        switch kind {
        case .object:
            position += 1
            return !take("}")
        case .array:
            position += 1
            return !take("]")
        case .string: try skipString()
        case .number: try skipNumber()
        case .boolean: try literal(peek() == UInt8(ascii: "t") ? "true" : "false")
        case .null: try literal("null")
        }
        return false
    }

    /// Reads the name of a member and the colon after it.
    private mutating func name(_ names: inout JSONNames) throws(JSONError) -> String {
        let name = try text(of: skipName())
        if !names.insert(name) { note("a name occurs twice in one object") }
        return name
    }

    /// Skips the name of a member and the colon after it.
    @discardableResult
    mutating func skipName() throws(JSONError) -> RawString {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { throw fault("expected a name in quotes") }
        let name = try skipString()
        guard take(":") else { throw fault("expected ':' after a name") }
        return name
    }
}

// MARK: - Numbers and literals

extension JSONScanner {
    /// Reads a number and returns its text, checked by the grammar of RFC 8259.
    mutating func number() throws(JSONError) -> String { text(try skipNumber()) }

    mutating func literal(_ word: StaticString) throws(JSONError) {
        skipSpace()
        let matches =
            end - position >= word.utf8CodeUnitCount
            && (0..<word.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
        guard matches else { throw fault("expected \(word)") }
        position += word.utf8CodeUnitCount
    }

    /// Skips a number, checked by the grammar of RFC 8259.
    @discardableResult
    mutating func skipNumber() throws(JSONError) -> Range<Int> {
        skipSpace()
        let start = position
        advance(if: UInt8(ascii: "-"))
        if !advance(if: UInt8(ascii: "0")) { try skipDigits() }
        if advance(if: UInt8(ascii: ".")) { try skipDigits() }
        if advance(if: UInt8(ascii: "e")) || advance(if: UInt8(ascii: "E")) {
            if !advance(if: UInt8(ascii: "+")) { advance(if: UInt8(ascii: "-")) }
            try skipDigits()
        }
        return start..<position
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw fault("expected a digit") }
    }
}

// MARK: - Characters

extension JSONScanner {
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return advance(if: UInt8(ascii: character))
    }

    @discardableResult
    mutating func advance(if byte: UInt8) -> Bool {
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

    func peek() -> UInt8? { position < end ? bytes[position] : nil }

    mutating func note(_ message: @autoclosure () -> String) { flaw = flaw ?? message() }

    func fault(_ message: String) -> JSONError { JSONError(message: message, offset: position) }
}
