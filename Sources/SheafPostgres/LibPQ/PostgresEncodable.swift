import SheafCore

/// A value that can be bound to a parameter, in PostgreSQL's binary format.
protocol PostgresEncodable {
    static var type: PostgresType { get }

    /// Appends the value's bytes.
    func encode(into bytes: inout [UInt8])
}

/// A PostgreSQL type and its array type, by their numbers in `pg_type`.
struct PostgresType: Sendable {
    let oid: UInt32
    let arrayOID: UInt32

    static let bool = PostgresType(oid: 16, arrayOID: 1000)
    static let int8 = PostgresType(oid: 20, arrayOID: 1016)
    static let text = PostgresType(oid: 25, arrayOID: 1009)
    static let bytea = PostgresType(oid: 17, arrayOID: 1001)
    static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
}

/// A parameter as it is sent to the server.
struct PostgresParameter: Sendable {
    let oid: UInt32
    /// `nil` for NULL.
    let bytes: [UInt8]?
}

extension Int64: PostgresEncodable {
    static var type: PostgresType { .int8 }
    func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }
}

extension Int: PostgresEncodable {
    static var type: PostgresType { .int8 }
    func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: Int64(self)) }
}

extension Bool: PostgresEncodable {
    static var type: PostgresType { .bool }
    func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension Timestamp: PostgresEncodable {
    static var type: PostgresType { .int8 }
    func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: microseconds) }
}

extension String: PostgresEncodable {
    static var type: PostgresType { .text }

    /// PostgreSQL's texts cannot hold U+0000. The intake refuses it. If it arrives by another path (a title from
    /// another service, a dead message), it is replaced by the replacement character, so that it blocks nothing.
    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: utf8)
        guard bytes[start...].contains(0) else { return }
        bytes.removeSubrange(start...)
        for byte in utf8 {
            if byte == 0 { bytes.append(contentsOf: "\u{FFFD}".utf8) } else { bytes.append(byte) }
        }
    }
}

extension Array: PostgresEncodable where Element == UInt8 {
    static var type: PostgresType { .bytea }
    func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
}

extension Identifier: PostgresEncodable {
    static var type: PostgresType { .uuid }

    func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: high)
        bytes.append(bigEndian: low)
    }
}

extension MessageBody: PostgresEncodable {
    static var type: PostgresType { .uuid }

    func encode(into bytes: inout [UInt8]) {
        switch self {
        case .event(let id): id.encode(into: &bytes)
        case .notification(let id): id.encode(into: &bytes)
        }
    }
}

// MARK: - Parameters

extension PostgresParameter {
    init<Value: PostgresEncodable>(_ value: Value?) {
        var bytes: [UInt8]?
        if let value {
            var encoded: [UInt8] = []
            value.encode(into: &encoded)
            bytes = encoded
        }
        self.init(oid: Value.type.oid, bytes: bytes)
    }

    /// An array of one dimension: the header (dimensions, whether there are NULLs, the elements' type, their number and
    /// the first index), then each element's length, −1 for NULL, and bytes (`array_send` in PostgreSQL's source).
    init<Value: PostgresEncodable>(array values: [Value?]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + values.count * 20)
        bytes.append(bigEndian: Int32(values.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(values.contains { $0 == nil } ? 1 : 0))
        bytes.append(bigEndian: Value.type.oid)
        if !values.isEmpty {
            bytes.append(bigEndian: Int32(values.count))
            bytes.append(bigEndian: Int32(1))
        }
        for value in values {
            let place = bytes.count
            bytes.append(bigEndian: Int32(-1))
            guard let value else { continue }
            value.encode(into: &bytes)
            bytes.replace(at: place, bigEndian: Int32(bytes.count - place - 4))
        }
        self.init(oid: Value.type.arrayOID, bytes: bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func replace(at index: Int, bigEndian value: Int32) {
        Swift.withUnsafeBytes(of: value.bigEndian) { bytes in
            for (offset, byte) in bytes.enumerated() { self[index + offset] = byte }
        }
    }
}
