/// An array as types see it that take its elements one by one.
struct JSONUnkeyedContainer: UnkeyedDecodingContainer {
    private let document: JSONDocument
    private let path: JSONPath?
    private let elements: Range<Int>
    /// The token of the next element.
    private var position: Int
    private(set) var currentIndex = 0

    /// - Parameter elements: the tokens of the elements and all in them.
    init(elements: Range<Int>, of document: JSONDocument, path: JSONPath?) {
        self.elements = elements
        self.document = document
        self.path = path
        position = elements.lowerBound
    }

    var codingPath: [any CodingKey] { JSONPath.keys(path) }
    var isAtEnd: Bool { position >= elements.upperBound }

    var count: Int? {
        var count = 0
        var index = elements.lowerBound
        while index < elements.upperBound {
            index = document.next(after: index)
            count += 1
        }
        return count
    }

    mutating func decodeNil() throws -> Bool {
        guard try next(Never.self).isNull else { return false }
        advance()
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try take(type) { try $0.decode(type) }
    }

    mutating func decode<Value: JSONPrimitive>(_ type: Value.Type) throws -> Value {
        try take(type) { try $0.decode(type) }
    }

    // The protocol's own answer for the widest integers is that they are not supported.
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try take(type) { try $0.read(type) } }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try take(type) { try $0.read(type) } }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try take(KeyedDecodingContainer<Key>.self) { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try take((any UnkeyedDecodingContainer).self) { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try take((any Decoder).self) { $0 } }
}

extension JSONUnkeyedContainer {
    /// Reads the next element, which stays the next where that fails.
    private mutating func take<Value>(_ type: Any.Type, _ read: (JSONValue) throws -> Value) throws -> Value {
        let result = try read(next(type))
        advance()
        return result
    }

    private func next(_ type: Any.Type) throws -> JSONValue {
        let path = JSONPath(JSONKey.index(currentIndex), in: path)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type,
                DecodingError.Context(codingPath: JSONPath.keys(path), debugDescription: "the array is at its end"))
        }
        return JSONValue(position, of: document, at: path)
    }

    private mutating func advance() {
        position = document.next(after: position)
        currentIndex += 1
    }
}
