import GRDB
import GRDBSQLite

/// A statement that is run repeatedly with different values.
///
/// GRDB manages the connections, the transactions and the statement cache. Its `StatementArguments` box every value,
/// which at several statements for each event takes longer than SQLite itself. So parameters are bound here, on GRDB's
/// statement, without boxes.
struct PreparedStatement {
    private let statement: OpaquePointer
    private let connection: OpaquePointer?

    init(_ sql: String, in database: Database) throws {
        // The cache keeps the statement as long as the connection.
        statement = try database.cachedStatement(sql: sql).sqliteStatement
        connection = database.sqliteConnection
    }

    /// Runs a statement that returns no rows.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run<each Value: Bindable>(_ values: repeat each Value) throws -> Int {
        try bind(repeat each values)
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
        return Int(sqlite3_changes(connection))
    }

    /// Runs the row's ``Insertion``.
    func insert<Row: InsertedRow>(_ row: Row) throws {
        for (index, column) in Row.insertion.columns.enumerated() {
            let code = row.bind(column, to: StatementParameter(statement: statement, index: Int32(index + 1)))
            guard code == SQLITE_OK else { throw failure(code) }
        }
        StatementCount.add()
        defer { sqlite3_reset(statement) }
        let code = sqlite3_step(statement)
        guard code == SQLITE_DONE else { throw failure(code) }
    }

    /// Runs a query and maps its first row.
    func first<Element, each Value: Bindable>(
        _ values: repeat each Value, map: (Columns) throws -> Element?
    ) throws -> Element? {
        try bind(repeat each values)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return try map(Columns(statement: statement))
        case SQLITE_DONE: return nil
        case let code: throw failure(code)
        }
    }

    /// Runs a query and maps its rows.
    func rows<Element, each Value: Bindable>(
        _ values: repeat each Value, map: (Columns) throws -> Element?
    ) throws -> [Element] {
        try bind(repeat each values)
        defer { sqlite3_reset(statement) }
        var elements: [Element] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if let element = try map(Columns(statement: statement)) { elements.append(element) }
            case SQLITE_DONE: return elements
            case let code: throw failure(code)
            }
        }
    }

    private func bind<each Value: Bindable>(_ values: repeat each Value) throws {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            let code = value.bind(to: statement, at: index)
            guard code == SQLITE_OK else { throw failure(code) }
        }
        StatementCount.add()
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(connection)))
    }
}

/// Statements that are run once.
extension Database {
    @discardableResult
    func run<each Value: Bindable>(_ sql: String, _ values: repeat each Value) throws -> Int {
        try PreparedStatement(sql, in: self).run(repeat each values)
    }

    func insert<Row: InsertedRow>(_ row: Row) throws {
        try PreparedStatement(Row.insertion.sql, in: self).insert(row)
    }

    func rows<Element, each Value: Bindable>(
        _ sql: String, _ values: repeat each Value, map: (Columns) throws -> Element?
    ) throws -> [Element] {
        try PreparedStatement(sql, in: self).rows(repeat each values, map: map)
    }

    func first<Element, each Value: Bindable>(
        _ sql: String, _ values: repeat each Value, map: (Columns) throws -> Element?
    ) throws -> Element? {
        try PreparedStatement(sql, in: self).first(repeat each values, map: map)
    }
}
