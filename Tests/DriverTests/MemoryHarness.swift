import SheafCore
import SheafMemory
import SheafTesting

/// The drivers in memory, on a clock that checks move.
struct MemoryHarness: EventStoreHarness, DriverHarness {
    private let clock = TestClock()
    private let memoryStore: MemoryStore

    var store: any EventStore { memoryStore }

    init() { memoryStore = MemoryStore(clock: clock) }

    func reopen() async throws -> any EventStore { MemoryStore(recovering: memoryStore) }

    func advance(by duration: Duration) async throws { clock.advance(by: duration) }
}
