import SheafCore
import SheafEngine

/// Messages from PostgreSQL's outbox to Kafka.
enum RelayScenario {
    private static let batch = 500

    /// - Returns: messages a second.
    static func run(messages: Int) async throws -> Double {
        // The windows are closed elsewhere, so only the relay has work.
        try await Workbench(on: .postgresRedisKafka, window: .seconds(1), parts: .scheduling).use { bench in
            try await publish(1, in: bench.store)
            try await untilEmpty(bench.store)
            let start = ContinuousClock.now
            try await publish(messages, in: bench.store)
            try await untilEmpty(bench.store)
            return Double(messages) / (ContinuousClock.now - start).seconds
        }
    }

    private static func publish(_ count: Int, in store: any EventStore) async throws {
        for first in stride(from: 0, to: count, by: batch) {
            let messages = (first..<min(first + batch, count)).map { number in
                QueueMessage(
                    key: Int64(number), body: .event(IdentifierGenerator.shared.next(at: Timestamp(microseconds: 0))))
            }
            try await store.transaction("bench") { try $0.publish(messages) }
        }
    }

    private static func untilEmpty(_ store: any EventStore) async throws {
        try await Workbench.until { try await store.statistics().backlog[.eventOccurred] ?? 0 == 0 }
    }
}
