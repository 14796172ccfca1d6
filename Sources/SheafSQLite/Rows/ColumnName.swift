/// The columns of a row, a case each: in the order of their cases they stand in statements and are read.
protocol ColumnName: CaseIterable, Hashable, RawRepresentable, ColumnPlace where RawValue == Int32 {
    /// How many columns are selected before these.
    static var first: Int32 { get }

    /// As in the table.
    var name: String { get }
}

extension ColumnName {
    static var first: Int32 { 0 }
    /// The place after the last of them.
    static var end: Int32 { first + Int32(allCases.count) }

    var place: Int32 { Self.first + rawValue }

    /// The columns as they are selected.
    /// - Parameter table: the name of their table in the statement, if it is needed.
    static func list(of table: String? = nil) -> String { Self.list(Array(allCases), of: table) }

    static func list(_ columns: [Self], of table: String? = nil) -> String {
        columns.map { (table.map { "\($0)." } ?? "") + $0.name }.joined(separator: ", ")
    }
}

/// The position of a column among those that a statement selects.
protocol ColumnPlace {
    var place: Int32 { get }
}

extension Int: ColumnPlace {
    var place: Int32 { Int32(self) }
}

extension Int32: ColumnPlace {
    var place: Int32 { self }
}

/// A row as it is inserted.
protocol InsertedRow: Sendable {
    associatedtype Column: ColumnName & Sendable

    static var insertion: Insertion<Self> { get }

    func bind(_ column: Column, to parameter: StatementParameter) -> Int32
}

/// A place in a statement for a value.
struct StatementParameter {
    let statement: OpaquePointer
    let index: Int32

    /// - Returns: SQLite's code.
    func bind(_ value: some Bindable) -> Int32 { value.bind(to: statement, at: index) }
}

/// The statement that inserts rows of a kind; made once.
struct Insertion<Row: InsertedRow>: Sendable {
    let sql: String
    let columns: [Row.Column]

    /// - Parameter defaulted: columns that have their defaults.
    init(into table: String, without defaulted: Set<Row.Column> = []) {
        columns = Row.Column.allCases.filter { !defaulted.contains($0) }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        sql = "INSERT INTO \(table) (\(Row.Column.list(columns))) VALUES (\(marks))"
    }
}
