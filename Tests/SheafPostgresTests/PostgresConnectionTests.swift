import BlockingIO
import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

@Suite("Connections to PostgreSQL", .enabled(if: PostgresServer.isWanted), .timeLimit(.minutes(3)))
struct PostgresConnectionTests {
    @Test("Bound values round-trip")
    func roundTrip() async throws {
        let connection = try await PostgresConnection.open(PostgresServer.options())
        let (id, bytes) = (Samples().eventID(), [UInt8](0...255))
        try await connection.run { session in
            let row = try session.rows(
                """
                SELECT \(Int64.min), \("Осень 🍂"), \(bytes), \(id), \([id, id]), \(String?.none), \(7)::int, 7::smallint,
                    (\(["a", nil, ""]))[2] IS NULL, cardinality(\([String]()))
                """)[0]
            #expect(try row.integer(0) == .min && row.text(1) == "Осень 🍂" && row.bytes(2) == bytes)
            #expect(try row.identifier(3) == id && row.identifiers(4) == [id, id] && row.optionalText(5) == nil)
            #expect(try row.integer(6) == 7 && row.integer(7) == 7 && row.boolean(8) && row.integer(9) == 0)
            #expect(throws: SheafError.self) { try row.integer(1) }
            #expect(throws: SheafError.self) { try row.identifier(2, of: Event.self) }
        }
        await connection.close()
    }

    @Test("A failed statement reports its code and no value, and the connection stays usable")
    func failing() async throws {
        let connection = try await PostgresConnection.open(PostgresServer.options())
        let secret = "s3cret"
        try await connection.run { session in
            session.later("SELECT 1")
            let failure = #expect(throws: PostgresFailure.self) { try session.rows("SELECT \(secret)::int") }
            #expect(failure?.sqlState == "22P02" && failure?.error.code == .storage)
            #expect(failure?.error.description.contains(secret) == false)
            let second = try session.rows("SELECT 2")[0].integer(0)
            #expect(second == 2)
            #expect(throws: PostgresFailure.self) {
                try session.inTransaction { session in
                    session.later("SELECT 1 / 0")
                    try session.rows("SELECT 1")
                }
            }
            let third = try session.rows("SELECT 3")[0].integer(0)
            #expect(third == 3)
        }
        #expect(connection.isUsable)
        await connection.close()
    }

    @Test("A deferred statement needs no round trip of its own")
    func roundTrips() async throws {
        let connection = try await PostgresConnection.open(PostgresServer.options())
        try await connection.run { session in
            let before = session.roundTrips
            try session.inTransaction { session in
                for _ in 0..<10 { session.later("SELECT 1") }
                try session.rows("SELECT 2")
                session.later("SELECT 1")
            }
            #expect(session.roundTrips == before + 2)
        }
        await connection.close()
    }

    @Test("Requests and results larger than the socket's buffers work")
    func large() async throws {
        let connection = try await PostgresConnection.open(PostgresServer.options())
        let text = String(repeating: "x", count: 8_000_000)
        try await connection.run { session in
            let answers = try session.exchange(["SELECT \(text)", "SELECT \(text)", "SELECT 1"])
            #expect(try answers[0][0].text(0) == text && answers[1][0].text(0) == text)
        }
        await connection.close()
    }

    @Test("A statement that takes too long ends with unavailable")
    func statementTimeout() async throws {
        var options = try PostgresServer.options()
        options.statementTimeout = .milliseconds(200)
        let database = PostgresDatabase(options)
        let error = await failure { try await database.run("SELECT pg_sleep(20)") }
        #expect(error?.code == .unavailable)
        try await database.run("SELECT 1")
        await database.close()
    }

    @Test("A missing or refusing server is unavailable, and the password is not shown")
    func absent() async throws {
        var options = PostgresOptions([
            "host": "127.0.0.1", "port": "1", "user": "u", "password": "s3cret", "dbname": "d",
        ])
        let away = PostgresDatabase(options)
        let error = await failure { try await away.run("SELECT 1") }
        #expect(error?.code == .unavailable && error?.description.contains("s3cret") == false)
        options = try PostgresServer.options()
        options.parameters["dbname"] = "no_such_database"
        let strange = PostgresDatabase(options)
        let refused = await failure { try await strange.schemaVersion() }
        #expect(refused?.code == .unavailable)
        await away.close()
        await strange.close()
    }

    @Test("If all connections are lost during work, operations fail as unavailable and the next succeed")
    func loss() async throws {
        let schema = try await PostgresSchemaOfTest(connections: 3)
        let database = PostgresDatabase(schema.options)
        let store = PostgresStore(database)
        try await store.migrate()
        let samples = Samples()
        let workers = (0..<6).map { _ in
            Task {
                var (stored, errors): ([Event], [SheafError]) = ([], [])
                while !Task.isCancelled {
                    let event = samples.event()
                    do {
                        _ = try await store.transaction("accept") { try $0.accept([AdmittedEvent(event, .relayed)]) }
                        stored.append(event)
                    } catch let error as SheafError {
                        errors.append(error)
                        try? await Task.sleep(for: .milliseconds(5))
                    } catch {}
                }
                return (stored, errors)
            }
        }
        for _ in 0..<4 {
            try await Task.sleep(for: .milliseconds(200))
            try await schema.terminateConnections()
        }
        try await Task.sleep(for: .milliseconds(500))
        workers.forEach { $0.cancel() }
        var (stored, errors): ([Event], [SheafError]) = ([], [])
        for worker in workers {
            let result = await worker.value
            stored += result.0
            errors += result.1
        }
        // Work whose commit was not in flight was repeated on other connections.
        #expect(errors.allSatisfy { $0.code == .unavailable })
        let ids = stored.map(\.id)
        #expect(try await store.unassignedEvents(ids).count == stored.count)
        let outcomes = try await store.transaction("after") {
            try $0.accept([AdmittedEvent(samples.event(), .relayed)])
        }
        #expect(outcomes == [.stored])
        await store.close()
        try await schema.drop()
    }
}

/// The Sheaf error that `body` throws.
func failure(of body: () async throws -> some Any) async -> SheafError? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? SheafError }
}
