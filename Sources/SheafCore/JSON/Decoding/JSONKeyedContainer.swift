/// An object as types see it that name its members.
struct JSONKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: JSONMembers
    let path: JSONPath?

    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var allKeys: [Key] { members.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { members.value(of: key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = members.document.tokens[try index(of: key)] { true } else { false }
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try value(at: index(of: key), key).decode(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let index = presentIndex(of: key) else { return nil }
        return try value(at: index, key).decode(type)
    }

    func decode<Value: JSONPrimitive>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try primitive(at: index(of: key), key)
    }

    func decodeIfPresent<Value: JSONPrimitive>(_: Value.Type, forKey key: Key) throws -> Value? {
        guard let index = presentIndex(of: key) else { return nil }
        return try primitive(at: index, key) as Value
    }

    // The protocol's own answer for the widest integers is that they are not supported.
    func decode(_: Int128.Type, forKey key: Key) throws -> Int128 { try primitive(at: index(of: key), key) }
    func decode(_: UInt128.Type, forKey key: Key) throws -> UInt128 { try primitive(at: index(of: key), key) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try value(at: index(of: key), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(at: index(of: key), key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder(for: JSONKey.name("super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoder(for: key) }
}

// MARK: - Looking up

extension JSONKeyedContainer {
    private func index(of key: Key) throws -> Int {
        guard let index = members.value(of: key.stringValue) else {
            throw DecodingError.keyNotFound(
                key, DecodingError.Context(codingPath: codingPath, debugDescription: "no \(key.stringValue)"))
        }
        return index
    }

    /// The index of a value that is there and not null.
    private func presentIndex(of key: Key) -> Int? {
        guard let index = members.value(of: key.stringValue) else { return nil }
        if case .null = members.document.tokens[index] { return nil }
        return index
    }

    private func value(at index: Int, _ key: some CodingKey) -> JSONValue {
        JSONValue(index, of: members.document, at: JSONPath(key, in: path))
    }

    /// Reads a value without noting the way to it, which only complaints need.
    private func primitive<Value: JSONPrimitive>(at index: Int, _ key: Key) throws -> Value {
        guard let result = Value.read(members.document.tokens[index], of: members.document) else {
            throw value(at: index, key).complaint(about: Value.self)
        }
        return result
    }

    /// A superclass' value; null where there is none.
    private func decoder(for key: some CodingKey) -> JSONValue {
        value(at: members.value(of: key.stringValue) ?? members.document.missing, key)
    }
}
