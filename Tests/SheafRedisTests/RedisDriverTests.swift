import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Drivers on Redis", .enabled(if: !RedisServer.isSkipped))
struct RedisDriverTests {
    @Test("The debouncer keeps its promises", .timeLimit(.minutes(5)), arguments: DebouncerConformance.checks)
    func debouncer(_ check: DebouncerConformance.Check) async throws {
        try await Slots.shared.run { try await RedisHarness(.shared()).use { try await check.run(on: $0) } }
    }

    @Test("The lock keeps its promises", .timeLimit(.minutes(5)), arguments: DistributedLockConformance.checks)
    func lock(_ check: DistributedLockConformance.Check) async throws {
        try await Slots.shared.run { try await RedisHarness(.shared()).use { try await check.run(on: $0) } }
    }
}
