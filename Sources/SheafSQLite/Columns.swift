import GRDBSQLite
import SheafCore

/// The columns of a statement's current row.
struct Columns {
    let statement: OpaquePointer

    func isNull(_ column: some ColumnPlace) -> Bool { sqlite3_column_type(statement, column.place) == SQLITE_NULL }
    func integer(_ column: some ColumnPlace) -> Int64 { sqlite3_column_int64(statement, column.place) }
    func optionalInteger(_ column: some ColumnPlace) -> Int64? { isNull(column) ? nil : integer(column) }
    func timestamp(_ column: some ColumnPlace) -> Timestamp { Timestamp(microseconds: integer(column)) }
    func optionalTimestamp(_ column: some ColumnPlace) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

    func text(_ column: some ColumnPlace) -> String {
        guard let start = sqlite3_column_text(statement, column.place) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column.place))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: some ColumnPlace) -> String? { isNull(column) ? nil : text(column) }

    func withBlob<Result>(_ column: some ColumnPlace, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = sqlite3_column_blob(statement, column.place)
        return body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column.place))))
    }

    func blob(_ column: some ColumnPlace) -> [UInt8] { withBlob(column) { Array($0) } }

    /// The body of a message of `topic`; `nil` if it is not one.
    func body(_ column: some ColumnPlace, of topic: Topic) -> MessageBody? {
        switch topic {
        case .eventOccurred: identifier(column).map(MessageBody.event)
        case .notificationSend: identifier(column).map(MessageBody.notification)
        }
    }

    /// The concatenated ids at `column`.
    func identifiers<Entity>(_ column: some ColumnPlace, of _: Entity.Type = Entity.self) -> [Identifier<Entity>] {
        let bytes = blob(column)
        return stride(from: 0, to: bytes.count, by: 16).compactMap {
            Identifier(bytes: bytes[$0..<min($0 + 16, bytes.count)])
        }
    }

    /// The identifier at `column`; `nil` if there is none.
    func identifier<Entity>(_ column: some ColumnPlace, of _: Entity.Type = Entity.self) -> Identifier<Entity>? {
        withBlob(column) { bytes in
            guard bytes.count == 16 else { return nil }
            return Identifier(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
