import GRDBSQLite
import SheafCore

/// A producer's id as it is stored: a UUID, the usual kind, takes 16 bytes instead of 36. A blob never equals a text,
/// and each id has only one form, so ids are equal if their bytes are.
enum StoredProducerID: Bindable {
    case uuid(EventID)
    case text(String)

    init(_ text: String) {
        self = EventID(exactly: text).map(Self.uuid) ?? .text(text)
    }

    init(columns: Columns, _ column: some ColumnPlace) {
        if let id = columns.uuid(column) { self = .uuid(id) } else { self = .text(columns.text(column)) }
    }

    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .uuid(let id): id.bind(to: statement, at: index)
        case .text(let text): text.bind(to: statement, at: index)
        }
    }

    /// The hash is seeded for each process.
    func hash(source: Int64) -> Int {
        var hasher = Hasher()
        switch self {
        case .uuid(let id): hasher.combine(id)
        // `String` hashes its normal form; this hashes the bytes.
        case .text(var text): text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
        hasher.combine(source)
        return hasher.finalize()
    }
}

extension Columns {
    /// A producer's id; `nil` if there is none.
    func producerID(_ column: some ColumnPlace) -> String? { uuid(column)?.description ?? optionalText(column) }

    fileprivate func uuid(_ column: some ColumnPlace) -> EventID? {
        sqlite3_column_type(statement, column.place) == SQLITE_BLOB ? identifier(column) : nil
    }
}
