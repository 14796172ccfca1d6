internal import FoundationEssentials

/// A value in a document and the way to it: what types are decoded from.
///
/// It reads what Foundation's `JSONDecoder` reads with its default strategies, of any text that the intake takes. Names
/// are told apart by their bytes, though; a number that does not fit is a `DecodingError` that tells where it stands; a
/// whole number is exact beyond 2^53, too, and 0e1 is zero. Setting it up costs next to nothing, unlike a `JSONDecoder`.
///
/// It is three words, so that `any Decoder` holds it without an allocation.
struct JSONValue {
    let document: JSONDocument
    let index: Int
    let path: JSONPath?

    init(_ index: Int, of document: JSONDocument, at path: JSONPath?) {
        self.index = index
        self.document = document
        self.path = path
    }

    /// The value that is the whole of `text`.
    ///
    /// - Throws: `DecodingError.dataCorrupted` without a path where the text is not JSON.
    init(text: String) throws {
        do throws(JSONError) {
            self.init(0, of: try JSONDocument(text), at: nil)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "not JSON: \(error.message)"))
        }
    }

    var token: JSONToken { document.tokens[index] }

    var isNull: Bool {
        if case .null = token { true } else { false }
    }

    /// The value by its type's own rules, but for the types of Foundation that are read by others.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == Date.self, isNull { throw mismatch(Date.self) }
        if let primitive = Self.primitive(type), let value = try decode(primitive) as? Value { return value }
        return try Value(from: self)
    }

    func decode<Value: JSONPrimitive>(_ type: Value.Type) throws -> Value { try read(type) }

    func read<Value: JSONPrimitive>(_: Value.Type) throws -> Value {
        guard let value = Value.read(token, of: document) else { throw complaint(about: Value.self) }
        return value
    }

    private static func primitive(_ type: Any.Type) -> (any JSONPrimitive.Type)? {
        if type == Data.self { return Data.self }
        if type == URL.self { return URL.self }
        return type == Decimal.self ? Decimal.self : nil
    }
}

extension JSONValue: Decoder {
    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let end) = token else { throw mismatch([String: Any].self) }
        return KeyedDecodingContainer(
            JSONKeyedContainer(members: JSONMembers(of: document, in: index + 1..<end), path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let end) = token else { throw mismatch([Any].self) }
        return JSONUnkeyedContainer(elements: index + 1..<end, of: document, path: path)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
}

extension JSONValue: SingleValueDecodingContainer {
    func decodeNil() -> Bool { isNull }

    // The protocol's own answer for the widest integers is that they are not supported.
    func decode(_ type: Int128.Type) throws -> Int128 { try read(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try read(type) }
}

// MARK: - Complaints

extension JSONValue {
    /// Why the value is not a `Value`.
    func complaint<Value: JSONPrimitive>(about _: Value.Type) -> DecodingError {
        // Foundation finds null to be no Bool, rather than none.
        if isNull, Value.kind != .boolean { return mismatch(Value.self) }
        guard token.kind == Value.kind else { return wrongKind(Value.expected) }
        return .dataCorrupted(context("the value does not fit \(Value.self)"))
    }

    /// The complaint that the value is of another kind than `type`, or null.
    private func mismatch(_ type: Any.Type) -> DecodingError {
        guard !isNull else { return .valueNotFound(type, context("expected \(type), found null")) }
        return wrongKind(type)
    }

    private func wrongKind(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, context("expected \(type), found \(token.kind.rawValue)"))
    }

    private func context(_ description: String) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: description)
    }
}
