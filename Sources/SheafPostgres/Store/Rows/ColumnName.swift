/// The columns of a row, a case each: in the order of their cases they stand in statements and are read.
protocol ColumnName: CaseIterable, Hashable, RawRepresentable, ColumnPlace, Sendable where RawValue == Int32 {
    /// How many columns are selected before these.
    static var first: Int32 { get }

    /// As in the table.
    var name: StaticString { get }
    /// As it is selected, if that is not the column itself.
    var expression: StaticString? { get }
}

extension ColumnName {
    static var first: Int32 { 0 }
    /// The place after the last of them.
    static var end: Int32 { first + Int32(allCases.count) }

    var place: Int32 { Self.first + rawValue }
    var expression: StaticString? { nil }

    /// The columns as they are selected.
    /// - Parameter table: the name of their table in the statement, if it is needed.
    static func list(of table: StaticString? = nil) -> SQLText { list(Array(allCases), of: table) }

    static func list(_ columns: [Self], of table: StaticString? = nil) -> SQLText {
        SQLText(
            columns.map { column in
                column.expression.map { [$0] } ?? (table.map { [$0, ".", column.name] } ?? [column.name])
            })
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

/// A list in a statement, of which every part is a literal in the source code.
struct SQLText: Sendable {
    let text: String

    fileprivate init(_ items: [[StaticString]]) {
        text = items.map { $0.map(\.description).joined() }.joined(separator: ", ")
    }

    init(_ lists: SQLText...) { text = lists.map(\.text).joined(separator: ", ") }
}

/// A row as it is inserted.
protocol InsertedRow {
    associatedtype Column: ColumnName

    static var insertion: Insertion<Self> { get }

    /// The values of a column, one for each row.
    static func values(_ column: Column, of rows: [Self]) -> PostgresParameter
}

/// The statement that inserts rows of a kind, whose text is made once.
struct Insertion<Row: InsertedRow>: Sendable {
    private let sql: String
    private let columns: [Row.Column]

    /// - Parameter defaulted: columns that have their defaults.
    init(into table: StaticString, without defaulted: Set<Row.Column> = []) {
        columns = Row.Column.allCases.filter { !defaulted.contains($0) }
        let names = columns.map(\.name.description).joined(separator: ", ")
        let marks = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        sql = "INSERT INTO \(table) (\(names)) SELECT * FROM unnest(\(marks))"
    }

    func callAsFunction(_ rows: [Row]) -> PostgresQuery {
        PostgresQuery(literals: sql, parameters: columns.map { Row.values($0, of: rows) })
    }
}
