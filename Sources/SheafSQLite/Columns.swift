import GRDBSQLite
import SheafCore

/// The columns of a statement's current row.
struct Columns {
    let statement: OpaquePointer

    func isNull(_ index: Int32) -> Bool { sqlite3_column_type(statement, index) == SQLITE_NULL }
    func integer(_ index: Int32) -> Int64 { sqlite3_column_int64(statement, index) }
    func timestamp(_ index: Int32) -> Timestamp { Timestamp(microseconds: integer(index)) }
    func optionalTimestamp(_ index: Int32) -> Timestamp? { isNull(index) ? nil : timestamp(index) }

    func text(_ index: Int32) -> String {
        guard let start = sqlite3_column_text(statement, index) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, index))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ index: Int32) -> String? { isNull(index) ? nil : text(index) }

    func withBlob<Result>(_ index: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = sqlite3_column_blob(statement, index)
        return body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
    }

    func blob(_ index: Int32) -> [UInt8] { withBlob(index) { Array($0) } }

    /// The body of a message of `topic`; `nil` if it is not one.
    func body(_ index: Int32, of topic: Topic) -> MessageBody? {
        switch topic {
        case .eventOccurred: identifier(index).map(MessageBody.event)
        case .notificationSend: identifier(index).map(MessageBody.notification)
        }
    }

    /// The concatenated ids at `index`.
    func identifiers<Entity>(_ index: Int32, of _: Entity.Type = Entity.self) -> [Identifier<Entity>] {
        let bytes = blob(index)
        return stride(from: 0, to: bytes.count, by: 16).compactMap {
            Identifier(bytes: bytes[$0..<min($0 + 16, bytes.count)])
        }
    }

    /// The identifier at `index`; `nil` if there is none.
    func identifier<Entity>(_ index: Int32, of _: Entity.Type = Entity.self) -> Identifier<Entity>? {
        withBlob(index) { bytes in
            guard bytes.count == 16 else { return nil }
            return Identifier(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
