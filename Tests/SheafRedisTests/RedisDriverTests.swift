import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Drivers on Redis", .enabled(if: !RedisServer.isSkipped))
struct RedisDriverTests {
    @Test("The debouncer conforms to its port", .timeLimit(.minutes(10)), arguments: DebouncerConformance.checks)
    func debouncer(_ check: DebouncerConformance.Check) async throws {
        try await patiently({ try RedisHarness(.shared(), tick: $0) }) { try await check.run(on: $0) }
    }

    @Test("The lock conforms to its port", .timeLimit(.minutes(10)), arguments: DistributedLockConformance.checks)
    func lock(_ check: DistributedLockConformance.Check) async throws {
        try await patiently({ try RedisHarness(.shared(), tick: $0) }) { try await check.run(on: $0) }
    }
}
