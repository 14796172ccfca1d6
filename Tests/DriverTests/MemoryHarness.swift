import SheafCore
import SheafMemory
import SheafTesting

/// The drivers in memory, on a clock that checks move.
struct MemoryHarness: EventStoreHarness, DebouncerHarness, MessageQueueHarness, DistributedLockHarness,
    StageReportsHarness, TypeRevisionsHarness
{
    private let clock: TestClock
    private let memoryStore: MemoryStore
    let debouncer: any Debouncer
    let queue: any MessageQueue
    let lock: any DistributedLock
    private let memoryReports: MemoryStageReports
    let revisions: any TypeRevisions

    init() {
        clock = TestClock()
        memoryStore = MemoryStore(clock: clock)
        debouncer = MemoryDebouncer(clock: clock)
        queue = MemoryQueue(clock: clock)
        lock = MemoryLock(clock: clock)
        memoryReports = MemoryStageReports(clock: clock)
        revisions = MemoryTypeRevisions(memoryStore)
    }

    var store: any EventStore { memoryStore }

    var reports: any StageReports { memoryReports }

    func otherReports() async throws -> any StageReports { memoryReports.otherProcess() }

    func otherRevisions() async throws -> any TypeRevisions { revisions }

    func reopen() async throws -> any EventStore { MemoryStore(recovering: memoryStore) }

    func otherProcess() async throws -> any DistributedLock { lock }

    func advance(by duration: Duration) async throws { clock.advance(by: duration) }
}
