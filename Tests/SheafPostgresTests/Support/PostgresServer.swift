import BlockingIO
import Foundation
import SheafCore
import Testing

@testable import SheafPostgres

/// The real server for the tests.
enum PostgresServer {
    /// Whether the tests should use PostgreSQL. If not, they are skipped; otherwise a missing server fails them.
    static var isWanted: Bool {
        let skipped = ProcessInfo.processInfo.environment["SHEAF_TEST_SKIP"] ?? ""
        return !skipped.split(separator: ",").contains("postgres")
    }

    static var isLongRun: Bool { ProcessInfo.processInfo.environment["SHEAF_TEST_LONG"] == "1" }

    static func options() throws -> PostgresOptions {
        let url = try #require(
            ProcessInfo.processInfo.environment["SHEAF_TEST_POSTGRES_URL"],
            "SHEAF_TEST_POSTGRES_URL names no server; scripts/with-servers.py starts one")
        return try PostgresOptions(connectionString: url)
    }
}

/// A part of the server for a single test, with a few connections at most.
struct PostgresSchemaOfTest {
    let name: String
    let options: PostgresOptions
    /// `nil` on the server's clock.
    let clock: PostgresTestClock?
    private let isDatabase: Bool

    /// Creates an empty schema.
    ///
    /// - Parameters:
    ///   - isDatabase: whether to create a separate database, so that no other test's transaction delays vacuuming.
    ///   - movesClock: whether time passes only if the test moves the clock.
    init(
        connections: Int = 4, lease: Duration = .seconds(3), heartbeat: Duration = .milliseconds(500),
        isDatabase: Bool = false, movesClock: Bool = false
    ) async throws {
        let random = UInt64.random(in: .min ... .max)
        let name = "test_\(String(random, radix: 36))"
        var options = try PostgresServer.options()
        self.name = name
        self.isDatabase = isDatabase
        try await Self.run(options, "CREATE \(isDatabase ? "DATABASE" : "SCHEMA") \(name)")
        if isDatabase { options.parameters["dbname"] = name }
        clock = movesClock ? try await PostgresTestClock(for: name) : nil
        let path = [isDatabase ? "public" : name, clock?.searchPath].compactMap(\.self).joined(separator: ",")
        options.parameters["options"] = "-c search_path=\(path) -c synchronous_commit=off"
        options.parameters["application_name"] = name
        options.pool.size = connections
        options.lease = lease
        options.heartbeat = heartbeat
        self.options = options
    }

    func drop() async throws {
        try await Self.run(
            PostgresServer.options(), isDatabase ? "DROP DATABASE \(name) WITH (FORCE)" : "DROP SCHEMA \(name) CASCADE")
        try await clock?.drop()
    }

    /// Runs a statement on a separate connection.
    static func run(_ options: PostgresOptions, _ sql: String) async throws {
        let connection = try await PostgresConnection.open(options)
        try await connection.run { session in
            _ = try session.rows(.once("SET client_min_messages = error"))
            _ = try session.rows(.once(PostgresQuery(stringLiteral: sql)))
        }
        await connection.close()
    }

    /// Terminates the server's side of all connections to this schema's databases.
    func terminateConnections() async throws {
        try await Self.run(
            PostgresServer.options(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(name)'")
    }

    func run(_ sql: String) async throws { try await Self.run(options, sql) }
}

/// Limits how many tests have connections at once, so that the server has enough.
actor TestPermits {
    static let shared = TestPermits(16)
    static let databases = TestPermits(1)

    private var free: Int
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiters.append($0) }
    }

    func giveBack() {
        if waiters.isEmpty { free += 1 } else { waiters.removeFirst().resume() }
    }
}

extension PostgresSchemaOfTest {
    /// Expects that `sql` returns true.
    func check(_ sql: String) async throws {
        let isTrue = try await isTrue(sql)
        #expect(isTrue, "\(sql)")
    }

    func isTrue(_ sql: String) async throws -> Bool {
        let connection = try await PostgresConnection.open(options)
        let isTrue = try await connection.run { try $0.rows(.once(PostgresQuery(stringLiteral: sql)))[0].boolean(0) }
        await connection.close()
        return isTrue
    }
}
