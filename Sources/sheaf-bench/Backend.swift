import BlockingIO
import Foundation
import Logging
import SheafCore
import SheafKafka
import SheafPostgres
import SheafRedis
import SheafSQLite

/// The backend of a measured engine.
enum Backend: String {
    case sqlite
    case postgres
    case postgresRedis = "postgres-redis"
    case postgresRedisKafka = "postgres-redis-kafka"

    /// The ports of an engine, on data of its own.
    struct Drivers {
        let store: any EventStore
        let debouncer: (any Debouncer)?
        let queue: KafkaQueue?
        let clock: any TimeSource
        /// Frees their resources.
        let close: @Sendable () async -> Void
    }

    /// Statements, transactions and round trips so far.
    struct Counts {
        var statements = 0
        var transactions = 0
        /// To PostgreSQL.
        var roundTrips = 0
        /// To Redis.
        var redisRoundTrips = 0

        static func - (left: Counts, right: Counts) -> Counts {
            Counts(
                statements: left.statements - right.statements, transactions: left.transactions - right.transactions,
                roundTrips: left.roundTrips - right.roundTrips,
                redisRoundTrips: left.redisRoundTrips - right.redisRoundTrips)
        }
    }

    var counts: Counts {
        guard self != .sqlite else {
            return Counts(statements: StatementCount.statements, transactions: StatementCount.transactions)
        }
        let (postgres, redis) = (PostgresDatabase.roundTrips.count, RedisClient.roundTrips.count)
        return Counts(
            statements: postgres.statements, transactions: postgres.transactions, roundTrips: postgres.roundTrips,
            redisRoundTrips: redis.roundTrips)
    }

    func open() async throws -> Drivers {
        self == .sqlite ? try await openSQLite() : try await openServers()
    }

    private func openSQLite() async throws -> Drivers {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let clock = SteadyClock()
        let database = try SQLiteDatabase(path: folder.appending(path: "bench.db").path, clock: clock)
        let store = SQLiteStore(database)
        try await store.migrate()
        return Drivers(store: store, debouncer: nil, queue: nil, clock: clock) {
            await store.close()
            try? FileManager.default.removeItem(at: folder)
        }
    }

    private func openServers() async throws -> Drivers {
        let name = "sheaf_bench_" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        let database = PostgresDatabase(try Servers.postgres(database: name))
        let store = PostgresStore(database)
        try await store.migrate()
        let redis = self == .postgres ? nil : RedisClient(try Servers.redis(prefix: name + ":"))
        let queue: KafkaQueue? =
            self == .postgresRedisKafka
            ? try KafkaQueue(Servers.kafka(prefix: name + "."), logger: Servers.logger) { _, _ in } : nil
        return Drivers(
            store: store, debouncer: redis.map { RedisDebouncer($0) }, queue: queue,
            clock: database.clock
        ) {
            await queue?.close()
            await redis?.close()
            await store.close()
        }
    }
}
