import CLibPQ
import SheafCore

/// The rows that a statement returned, in the binary format. They must stay on the session's thread.
final class PostgresRows: RandomAccessCollection {
    private let result: OpaquePointer
    let startIndex = 0
    let endIndex: Int

    /// Takes ownership of `result`.
    init(_ result: OpaquePointer) {
        self.result = result
        endIndex = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    subscript(index: Int) -> PostgresRow { PostgresRow(rows: self, result: result, index: Int32(index)) }

    /// The command tag, such as `COMMIT` or `DELETE 3`.
    var command: String { String(cString: PQcmdStatus(result)) }
}

/// One row. Columns are counted from 0.
struct PostgresRow {
    /// Keeps the result alive.
    private let rows: PostgresRows
    private let result: OpaquePointer
    private let index: Int32

    fileprivate init(rows: PostgresRows, result: OpaquePointer, index: Int32) {
        self.rows = rows
        self.result = result
        self.index = index
    }

    func isNull(_ column: some ColumnPlace) -> Bool { PQgetisnull(result, index, column.place) == 1 }

    /// The integer at `column`, of any width.
    func integer(_ column: some ColumnPlace) throws -> Int64 {
        let bytes = bytes(of: column)
        switch bytes.count {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case 2: return Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        default: throw wrong(column, "an integer")
        }
    }

    func boolean(_ column: some ColumnPlace) throws -> Bool {
        guard let byte = bytes(of: column).first else { throw wrong(column, "a truth value") }
        return byte != 0
    }

    func optionalInteger(_ column: some ColumnPlace) throws -> Int64? { isNull(column) ? nil : try integer(column) }
    func timestamp(_ column: some ColumnPlace) throws -> Timestamp { Timestamp(microseconds: try integer(column)) }
    func optionalTimestamp(_ column: some ColumnPlace) throws -> Timestamp? {
        isNull(column) ? nil : try timestamp(column)
    }

    func text(_ column: some ColumnPlace) throws -> String {
        if isNull(column) { throw wrong(column, "a text") }
        return String(decoding: bytes(of: column), as: UTF8.self)
    }

    func optionalText(_ column: some ColumnPlace) throws -> String? { isNull(column) ? nil : try text(column) }

    func identifier<Entity>(_ column: some ColumnPlace, of _: Entity.Type = Entity.self) throws -> Identifier<Entity> {
        guard let id = Identifier<Entity>(bytes: bytes(of: column)) else { throw wrong(column, "an identifier") }
        return id
    }

    func optionalIdentifier<Entity>(
        _ column: some ColumnPlace, of _: Entity.Type = Entity.self
    ) throws -> Identifier<Entity>? {
        isNull(column) ? nil : try identifier(column)
    }

    func bytes(_ column: some ColumnPlace) -> [UInt8] { Array(bytes(of: column)) }

    /// The body of a message of `topic`.
    func body(_ column: some ColumnPlace, of topic: Topic) throws -> MessageBody {
        switch topic {
        case .eventOccurred: .event(try identifier(column))
        case .notificationSend: .notification(try identifier(column))
        }
    }

    /// The array of identifiers at `column`.
    func identifiers<Entity>(_ column: some ColumnPlace, of _: Entity.Type = Entity.self) throws -> [Identifier<Entity>]
    {
        let bytes = bytes(of: column)
        // The format is that of `PostgresParameter(array:)`: a header, then elements of four bytes of length and
        // sixteen bytes of value.
        let header = 20
        guard bytes.count > header else { return [] }
        return try stride(from: header, to: bytes.count, by: 20).map { start in
            guard start + 20 <= bytes.count, let id = Identifier<Entity>(bytes: bytes[(start + 4)..<(start + 20)])
            else { throw wrong(column, "an array of identifiers") }
            return id
        }
    }

    private func bytes(of column: some ColumnPlace) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, index, column.place), count: Int(PQgetlength(result, index, column.place)))
    }

    private func wrong(_ column: some ColumnPlace, _ expected: String) -> SheafError {
        SheafError(.storage, field: "store.url", "the database's column \(column.place) does not hold \(expected)")
    }
}
