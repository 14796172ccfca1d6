import BlockingIO
import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("PostgreSQL failover", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(3)))
struct PostgresFailoverTests {
    private static let readOnly: PostgresQuery = .once("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    @Test("A session that cannot write any more is closed, and its work is done on another")
    func readOnlySession() async throws {
        try await withSchema(connections: 1) { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            try await store.migrate()
            let event = Samples().event()
            try await store.database.run(Self.readOnly)
            let outcome = try await store.transaction("accept") { try $0.accept([AdmittedEvent(event, .relayed)]) }
            #expect(outcome == [.stored])
            let control = store.database.outbox.control
            try await control.run { _ = try $0.rows(Self.readOnly) }
            try await control.run { _ = try $0.rows("DELETE FROM outbox_members") }
            await store.close()
        }
    }

    @Test("A ping finds a session that cannot write, and one that is shared")
    func signsOfLife() async throws {
        for statement in [Self.readOnly, .once("RESET sheaf.session")] {
            let connection = try await PostgresConnection.open(PostgresServer.options())
            try await connection.ping()
            try await connection.run { _ = try $0.rows(statement) }
            await #expect(throws: PostgresFailure.self) { try await connection.ping() }
            #expect(!connection.isUsable)
            await connection.close()
        }
    }

    @Test("While no server accepts writes the store is unavailable, and afterwards it works")
    func readOnlyServer() async throws {
        try await withSchema(isDatabase: true) { schema in
            var options = schema.options
            options.pool.reconnect = RetryPolicy(maxAttempts: .max, base: .milliseconds(10), cap: .milliseconds(10))
            let store = PostgresStore(PostgresDatabase(options))
            try await store.migrate()
            let samples = Samples()
            let server = try PostgresServer.options()
            try await PostgresSchemaOfTest.run(
                server, "ALTER DATABASE \(schema.name) SET default_transaction_read_only = on")
            try await schema.terminateConnections()
            let error = await failure {
                try await store.transaction("accept") { try $0.accept([AdmittedEvent(samples.event(), .relayed)]) }
            }
            #expect(error?.code == .unavailable && error?.message.contains("read-only") == true)
            try await PostgresSchemaOfTest.run(
                server, "ALTER DATABASE \(schema.name) RESET default_transaction_read_only")
            try await Task.sleep(for: .milliseconds(50))
            _ = try await store.transaction("accept") { try $0.accept([AdmittedEvent(samples.event(), .relayed)]) }
            await store.close()
        }
    }

    @Test("Connections that ended while idle cause no failure")
    func endedWhileIdle() async throws {
        try await withSchema(connections: 3) { schema in
            let store = PostgresStore(PostgresDatabase(schema.options))
            try await store.migrate()
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 { group.addTask { try await store.database.run("SELECT pg_sleep(0.1)") } }
                    try await group.waitForAll()
                }
                try await store.database.outbox.control.run { _ = try $0.rows("SELECT 1") }
                try await schema.terminateConnections()
                _ = try await store.transaction("accept") { transaction in
                    try transaction.accept([AdmittedEvent(Samples().event(), .relayed)])
                }
                try await store.database.outbox.control.run { _ = try $0.rows("DELETE FROM outbox_members") }
            }
            await store.close()
        }
    }

    @Test("Several servers, one of them missing and each with a port, work")
    func severalServers() async throws {
        var options = try PostgresServer.options()
        let (host, port) = (options.parameters["host"] ?? "", options.parameters["port"] ?? "")
        options.parameters["host"] = "127.0.0.1,\(host)"
        options.parameters["port"] = "1,\(port)"
        let database = PostgresDatabase(options)
        try await database.run("SELECT 1")
        await database.close()
    }

    // MARK: Poolers

    private func pooled() throws -> PostgresOptions {
        let url = try #require(
            ProcessInfo.processInfo.environment["SHEAF_TEST_PGBOUNCER_URL"],
            "SHEAF_TEST_PGBOUNCER_URL names no pooler; scripts/with-servers.py starts one")
        return try PostgresOptions(connectionString: url)
    }

    @Test("A pooler that shares sessions between transactions is refused with a clear message")
    func transactionPooling() async throws {
        let store = PostgresStore(PostgresDatabase(try pooled()))
        for question in [store.migrate, { _ = try await store.schema() }] {
            let error = await failure { try await question() }
            #expect(error?.code == .storage && error?.message.contains("pool_mode=session") == true)
        }
        await store.close()
    }

    @Test("A pooler that does not share sessions works")
    func sessionPooling() async throws {
        try await withSchema(isDatabase: true) { schema in
            var options = try pooled()
            options.parameters["dbname"] = schema.name
            options.pool.size = 3
            let store = PostgresStore(PostgresDatabase(options))
            try await store.migrate()
            let samples = Samples()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = await failure {
                            try await store.transaction("accept") {
                                try $0.accept([AdmittedEvent(samples.event(), .relayed)])
                            }
                        }
                    }
                }
            }
            #expect(try await store.statistics().newEvents == 20)
            #expect(
                try await store.database.run("SELECT current_setting('enable_seqscan')") { try $0[0].text(0) } == "off")
            await store.close()
        }
    }

    // MARK: Privileges

    @Test("A missing privilege is reported with the statement that grants it")
    func rights() async throws {
        try await withSchema(isDatabase: true) { schema in
            let role = "role_\(schema.name)"
            var options = schema.options
            options.parameters["user"] = role
            try await schema.run("CREATE ROLE \(role) LOGIN")
            let (own, strange) = (
                PostgresStore(PostgresDatabase(schema.options)), PostgresStore(PostgresDatabase(options))
            )
            for question in [strange.migrate, { _ = try await strange.schema() }] {
                let error = await failure { try await question() }
                #expect(error?.message.contains("GRANT CREATE ON SCHEMA public TO \(role)") == true)
            }
            try await own.migrate()
            for question in [strange.migrate, { _ = try await strange.schema() }] {
                let error = await failure { try await question() }
                #expect(error?.message.contains("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES") == true)
            }
            try await schema.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role)")
            try await schema.run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO \(role)")
            try await strange.migrate()
            _ = try await strange.transaction("accept") { try $0.accept([AdmittedEvent(Samples().event(), .alone)]) }
            try await schema.run("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
            let error = await failure { try await strange.schema() }
            #expect(error?.message.contains("GRANT USAGE, CREATE ON SCHEMA public TO \(role)") == true)
            await own.close()
            await strange.close()
            try await schema.run("DROP OWNED BY \(role)")
            try await schema.run("DROP ROLE \(role)")
        }
    }
}
