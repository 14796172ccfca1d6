import FoundationEssentials
import GRDB
import GRDBSQLite
import SheafCore

/// A value that can be bound to a parameter.
protocol Bindable: Sendable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Timestamp: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        sqlite3_bind_int64(statement, index, microseconds)
    }
}

/// Tells SQLite to copy what is bound, since Swift's storage ends with the call.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension String: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text64(
                    statement, index, $0.baseAddress, UInt64($0.count), transient, UInt8(SQLITE_UTF8))
            }
        }
    }
}

extension Array: Bindable where Element == UInt8 {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            // A null pointer would bind NULL where an empty blob is meant.
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), transient)
        }
    }
}

extension Identifier: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) {
            sqlite3_bind_blob64(statement, index, $0.baseAddress, 16, transient)
        }
    }
}

extension MessageBody: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .event(let id): id.bind(to: statement, at: index)
        case .notification(let id): id.bind(to: statement, at: index)
        }
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        map { $0.bind(to: statement, at: index) } ?? sqlite3_bind_null(statement, index)
    }
}

/// The columns of the row a statement stands at.
struct Columns {
    fileprivate let statement: OpaquePointer

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

    /// The body of a message of `topic`; `nil` where it is not one.
    func body(_ index: Int32, of topic: Topic) -> MessageBody? {
        switch topic {
        case .eventOccurred: identifier(index).map(MessageBody.event)
        case .notificationSend: identifier(index).map(MessageBody.notification)
        }
    }

    /// The identifier at `index`; `nil` where there is none.
    func identifier<Entity>(_ index: Int32, of _: Entity.Type = Entity.self) -> Identifier<Entity>? {
        withBlob(index) { bytes in
            guard bytes.count == 16 else { return nil }
            return Identifier(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}

/// Prepared statements with typed parameters.
///
/// GRDB keeps the connections, the transactions and the cache of statements. Its `StatementArguments` box every value,
/// which at a dozen statements an event is the larger part of the time SQLite itself takes; so parameters are bound
/// here, on GRDB's statement, without boxes.
extension Database {
    /// Runs a statement that answers no rows.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: any Bindable...) throws -> Int {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        return Int(sqlite3_changes(sqliteConnection))
    }

    /// Runs a query and maps its rows.
    func rows<Element>(
        _ sql: String, _ values: any Bindable..., map: (Columns) throws -> Element?
    ) throws -> [Element] {
        var elements: [Element] = []
        try each(sql, values) { if let element = try map($0) { elements.append(element) } }
        return elements
    }

    /// Runs a query and maps its first row.
    func first<Element>(
        _ sql: String, _ values: any Bindable..., map: (Columns) throws -> Element?
    ) throws -> Element? {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return try map(Columns(statement: statement))
        case SQLITE_DONE: return nil
        case let code: throw failure(code)
        }
    }

    private func each(_ sql: String, _ values: [any Bindable], body: (Columns) throws -> Void) throws {
        let statement = try bound(sql, values)
        defer { sqlite3_reset(statement) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try body(Columns(statement: statement))
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    private func bound(_ sql: String, _ values: [any Bindable]) throws -> OpaquePointer {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = value.bind(to: statement, at: index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
        StatementCount.add()
        return statement
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqliteConnection)))
    }
}
