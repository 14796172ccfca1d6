import GRDB
public import SheafCore

/// Revisions of declared types in the file, shared by all processes that open it.
public final class SQLiteTypeRevisions: TypeRevisions {
    private let database: SQLiteDatabase

    public init(_ database: SQLiteDatabase) { self.database = database }

    public func current() async throws -> TypeRevision? { try await newer(than: 0) }

    public func newer(than number: Int) async throws -> TypeRevision? {
        try await database.look { connection in
            try connection.first(
                "SELECT number, text FROM type_revisions WHERE number > ? ORDER BY number DESC LIMIT 1", number,
                map: TypeRevision.init(columns:))
        }
    }

    public func revision(_ number: Int) async throws -> TypeRevision? {
        try await database.look { connection in
            try connection.first(
                "SELECT number, text FROM type_revisions WHERE number = ?", number, map: TypeRevision.init(columns:))
        }
    }

    public func append(
        _ text: String, after number: Int, bringingBack origin: Int?, unlessInUse types: Set<EventTypeCode>
    ) async throws -> AppendedRevision {
        // Writers exclude each other, including those of other processes.
        try await database.write { [clock = database.clock] connection in
            let current = try connection.first(
                "SELECT number, text FROM type_revisions ORDER BY number DESC LIMIT 1", map: TypeRevision.init(columns:)
            )
            if let current, current.text.utf8.elementsEqual(text.utf8) { return .unchanged(current.number) }
            let last = current?.number ?? 0
            guard last == number else { return .overtaken }
            let used = try Self.inUse(types, connection)
            guard used.isEmpty else { return .inUse(used) }
            try connection.run(
                "INSERT INTO type_revisions (number, stored_at, brought_back, bytes, text) VALUES (?, ?, ?, ?, ?)",
                last + 1, clock.now, origin, text.utf8.count, text)
            return .stored(last + 1)
        }
    }

    public func inUse(_ types: Set<EventTypeCode>) async throws -> Set<EventTypeCode> {
        try await database.look { try Self.inUse(types, $0) }
    }

    public func contains(_ text: String) async throws -> Bool {
        try await database.look { connection in
            try connection.first(
                "SELECT 1 FROM type_revisions WHERE bytes = ? AND text = ? LIMIT 1", text.utf8.count, text
            ) { $0.integer(0) } != nil
        }
    }

    public func history(limit: Int) async throws -> [TypeRevisionEntry] {
        try await database.look { connection in
            try connection.rows(
                "SELECT number, stored_at, brought_back FROM type_revisions ORDER BY number DESC LIMIT ?", max(0, limit)
            ) { columns in
                TypeRevisionEntry(
                    number: Int(columns.integer(0)), storedAt: columns.timestamp(1),
                    broughtBack: columns.isNull(2) ? nil : Int(columns.integer(2)))
            }
        }
    }

    public func codes(for names: [String]) async throws -> [String: EventTypeCode] {
        let known = try await database.look { try Self.codes(of: names, $0) }
        guard known.count < Set(names).count else { return known }
        return try await database.write { connection in
            for name in names.sorted() {
                try connection.run(
                    """
                    INSERT OR IGNORE INTO type_codes (code, name)
                    SELECT ifnull(max(code) + 1, \(EventType.firstDeclaredCode)), ? FROM type_codes
                    """, name)
            }
            return try Self.codes(of: names, connection)
        }
    }

    private static func codes(
        of names: [String], _ connection: Database
    ) throws -> [String: EventTypeCode] {
        let query = try PreparedStatement("SELECT code FROM type_codes WHERE name = ?", in: connection)
        var codes: [String: EventTypeCode] = [:]
        for name in names { codes[name] = try query.first(name) { Int($0.integer(0)) } }
        return codes
    }

    public func names() async throws -> [EventTypeCode: String] {
        try await database.look { connection in
            let rows = try connection.rows("SELECT code, name FROM type_codes") { (Int($0.integer(0)), $0.text(1)) }
            return Dictionary(rows) { first, _ in first }
        }
    }

    /// The given types that have a live window, or an event that waits for one.
    private static func inUse(_ types: Set<EventTypeCode>, _ connection: Database) throws -> Set<EventTypeCode> {
        guard !types.isEmpty else { return [] }
        let list = types.sorted().map(String.init).joined(separator: ", ")
        return Set(
            try connection.rows(
                """
                SELECT type FROM windows WHERE type IN (\(list))
                UNION SELECT type FROM events WHERE type IN (\(list)) AND "window" IS NULL AND status IS NULL
                """
            ) { Int($0.integer(0)) })
    }
}

extension TypeRevision {
    fileprivate init(columns: Columns) { self.init(number: Int(columns.integer(0)), text: columns.text(1)) }
}
