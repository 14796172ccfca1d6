public import SheafCore

/// Revisions of declared types in PostgreSQL, shared by all processes on it.
public final class PostgresTypeRevisions: TypeRevisions {
    private let database: PostgresDatabase

    public init(_ database: PostgresDatabase) { self.database = database }

    public func current() async throws -> TypeRevision? { try await newer(than: 0) }

    public func newer(than number: Int) async throws -> TypeRevision? {
        try await database.run(
            "SELECT number, text FROM type_revisions WHERE number > \(number) ORDER BY number DESC LIMIT 1"
        ) { try $0.first.map(TypeRevision.init(row:)) }
    }

    public func revision(_ number: Int) async throws -> TypeRevision? {
        try await database.run("SELECT number, text FROM type_revisions WHERE number = \(number)") {
            try $0.first.map(TypeRevision.init(row:))
        }
    }

    public func append(
        _ text: String, after number: Int, bringingBack origin: Int?, unlessInUse types: Set<EventTypeCode>
    ) async throws -> AppendedRevision {
        try await database.transaction { session in
            // Waits for transactions that accept events by an older revision; later ones must see this revision.
            session.later("SELECT pg_advisory_xact_lock(\(Self.lock))")
            // Readers are not blocked; after taking the lock, a transaction sees what its last holder wrote.
            session.later("LOCK TABLE type_revisions IN SHARE ROW EXCLUSIVE MODE")
            let current = try session.rows("SELECT number, text FROM type_revisions ORDER BY number DESC LIMIT 1")
                .first.map(TypeRevision.init(row:))
            if let current, current.text.utf8.elementsEqual(text.utf8) { return .unchanged(current.number) }
            let last = current?.number ?? 0
            guard last == number else { return .overtaken }
            let used = try Self.inUse(types, session)
            guard used.isEmpty else { return .inUse(used) }
            session.later(
                """
                INSERT INTO type_revisions (number, stored_at, brought_back, bytes, text)
                VALUES (\(last + 1), \(sql: SQL.now), \(origin.map(Int64.init)), \(text.utf8.count), \(text))
                """)
            return .stored(last + 1)
        }
    }

    public func inUse(_ types: Set<EventTypeCode>) async throws -> Set<EventTypeCode> {
        try await database.access { try Self.inUse(types, $0) }
    }

    public func contains(_ text: String) async throws -> Bool {
        try await database.run(
            "SELECT 1 FROM type_revisions WHERE bytes = \(text.utf8.count) AND text = \(text) LIMIT 1"
        ) { !$0.isEmpty }
    }

    public func history(limit: Int) async throws -> [TypeRevisionEntry] {
        try await database.run(
            """
            SELECT number, stored_at, brought_back FROM type_revisions ORDER BY number DESC LIMIT \(max(0, limit))
            """
        ) { rows in
            try rows.map { row in
                TypeRevisionEntry(
                    number: Int(try row.integer(0)), storedAt: try row.timestamp(1),
                    broughtBack: try row.optionalInteger(2).map { Int($0) })
            }
        }
    }

    public func codes(for names: [String]) async throws -> [String: EventTypeCode] {
        // Sorted, so that two processes that assign codes at the same time do not deadlock.
        let names = Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let query: PostgresQuery = "SELECT code, name FROM type_codes WHERE name = ANY(\(names))"
        let known = try await database.run(query) { try Self.codes($0) }
        guard known.count < names.count else { return known }
        let missing = names.filter { known[$0] == nil }
        return try await database.transaction { session in
            session.later(
                """
                INSERT INTO type_codes (name) SELECT name FROM unnest(\(missing)) WITH ORDINALITY AS n (name, place)
                ORDER BY place ON CONFLICT (name) DO NOTHING
                """)
            return try Self.codes(session.rows(query))
        }
    }

    private static func codes(_ rows: PostgresRows) throws -> [String: EventTypeCode] {
        var codes: [String: EventTypeCode] = [:]
        for row in rows { codes[try row.text(1)] = Int(try row.integer(0)) }
        return codes
    }

    public func names() async throws -> [EventTypeCode: String] {
        try await database.run("SELECT code, name FROM type_codes") { rows in
            var names: [EventTypeCode: String] = [:]
            for row in rows { names[Int(try row.integer(0))] = try row.text(1) }
            return names
        }
    }

    /// The given types that have a live window, or an event that waits for one.
    private static func inUse(
        _ types: Set<EventTypeCode>, _ session: PostgresSession
    ) throws -> Set<EventTypeCode> {
        guard !types.isEmpty else { return [] }
        let types = Array(types)
        let rows = try session.rows(
            """
            SELECT type FROM windows WHERE type = ANY(\(types)) GROUP BY type
            UNION SELECT t.type FROM unnest(\(types)) AS t (type) WHERE EXISTS (
                SELECT FROM events e WHERE e.type = t.type AND e."window" IS NULL AND e.status IS NULL)
            """)
        return Set(try rows.map { Int(try $0.integer(0)) })
    }

    /// The number of the lock that transactions accepting events of declared types share: "types" in ASCII.
    private static let lock: Int64 = 500_253_615_475

    /// Blocks new revisions until the end of the transaction.
    static func holdRevision(_ session: PostgresSession) {
        session.later("SELECT pg_advisory_xact_lock_shared(\(lock))")
    }

    /// Selects the number of the current revision; 0 if there is none.
    static let revision: PostgresQuery = "SELECT coalesce(max(number), 0) FROM type_revisions"
}

extension TypeRevision {
    fileprivate init(row: PostgresRow) throws { self.init(number: Int(try row.integer(0)), text: try row.text(1)) }
}
