public import SheafCore

/// Locks on PostgreSQL, on the server's clock. The row of a free lock stays, since the fence must keep growing.
public final class PostgresLock: DistributedLock {
    private let database: PostgresDatabase

    public init(_ database: PostgresDatabase) { self.database = database }

    public func acquire(_ name: String, lease: Duration) async throws -> LockHold? {
        let token = "\(IdentifierGenerator.shared.next(LockHold.self, at: database.clock.now))"
        let fence = try await database.run(
            """
            INSERT INTO locks AS l (name, token, fence, lease_until)
            VALUES (\(name), \(token), 1, \(sql: SQL.now) + \(lease.microseconds))
            ON CONFLICT (name) DO UPDATE SET
                token = excluded.token, fence = l.fence + 1, lease_until = \(sql: SQL.now) + \(lease.microseconds)
            WHERE l.lease_until <= \(sql: SQL.now) RETURNING fence
            """
        ) { try $0.first?.integer(0) }
        return fence.map { LockHold(name: name, token: token, fence: $0) }
    }

    public func renew(_ hold: LockHold, lease: Duration) async throws -> Bool {
        try await database.run(
            """
            UPDATE locks SET lease_until = \(sql: SQL.now) + \(lease.microseconds)
            WHERE name = \(hold.name) AND token = \(hold.token) AND fence = \(hold.fence)
                AND lease_until > \(sql: SQL.now)
            RETURNING 1
            """
        ) { !$0.isEmpty }
    }

    public func release(_ hold: LockHold) async throws {
        try await database.run(
            """
            UPDATE locks SET lease_until = 0
            WHERE name = \(hold.name) AND token = \(hold.token) AND fence = \(hold.fence)
            """)
    }
}
