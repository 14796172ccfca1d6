import SheafCore
import SheafTesting
import Testing

@testable import SheafPostgres

enum PartitionTimes {
    static let day = Duration.seconds(86_400)
    static let retention = day * 90
    static let width = EventPartition.width(for: retention)
}

func withPartitionedStore(_ body: (PostgresStore, PostgresSchemaOfTest) async throws -> Void) async throws {
    try await withSchema { schema in
        let store = PostgresStore(PostgresDatabase(schema.options))
        try await store.migrate()
        _ = try await store.statistics()
        try await body(store, schema)
        await store.close()
    }
}

extension PostgresStore {
    /// A round of maintenance as if it were `now`.
    @discardableResult
    func maintain(at now: Timestamp, _ retention: Duration = PartitionTimes.retention) async throws -> Int {
        try await dropEvents(before: now - retention, retention: retention)
    }

    func prune(before moment: Timestamp) async throws -> Int {
        try await transaction("prune") { try $0.prune(.events, before: moment, limit: 100) }
    }

    @discardableResult
    func accept(_ events: [Event], as admission: Admission) async throws -> [AppendOutcome] {
        try await transaction("accept") { try $0.accept(Samples.admitted(events, as: admission)) }
    }

    @discardableResult
    func relay(_ events: [Event]) async throws -> [AppendOutcome] {
        try await accept(events, as: .relayed)
    }

    func digest(_ digests: [Digest]) async throws {
        let ended = try await transaction("digest") { try $0.digest(digests) }
        #expect(ended == Set(digests.map(\.id)))
    }

    func deliver(_ digests: [Digest]) async throws {
        let records = digests.map {
            DeliveryRecord(notification: $0.id, attempt: Samples.attempt(1, at: TestClock.start, .delivered))
        }
        _ = try await transaction("record") { try $0.record(records) }
    }

    func partitions() async throws -> [EventPartition] {
        try await database.access { try EventPartition.all($0) }
    }

    func ended() async throws -> Int64 {
        try await database.run("SELECT count(*) FROM ended_windows") { try $0[0].integer(0) }
    }

    /// What events and their indexes take.
    func bytes() async throws -> Int64 {
        try await database.run(
            """
            SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'events'::regclass
            """
        ) { try $0[0].integer(0) }
    }

    /// Looks whether each identifier has exactly one partition.
    @discardableResult
    func checkPartitions() async throws -> [EventPartition] {
        let partitions = try await partitions()
        #expect(partitions.first?.lower == nil && partitions.last?.upper == nil)
        #expect(zip(partitions, partitions.dropFirst()).allSatisfy { $0.upper != nil && $0.upper == $1.lower })
        return partitions
    }
}
