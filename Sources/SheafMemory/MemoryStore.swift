public import SheafCore
import Synchronization

/// A store in memory: the reference for other stores, and the store of most tests.
///
/// Unlike in a database, readers wait for a running transaction.
public final class MemoryStore: EventStore {
    let clock: any TimeSource
    let tables: Mutex<MemoryTables>
    let outbox: MemoryTopics
    public let windowsChanged = WakeUp()

    public init(clock: any TimeSource) {
        self.clock = clock
        tables = Mutex(MemoryTables())
        outbox = MemoryTopics()
    }

    /// A store with the durable data of `other`, as a process finds it after a crash.
    public init(recovering other: MemoryStore) {
        clock = other.clock
        let (tables, outbox) = other.tables.withLock { ($0, MemoryTopics(copying: other.outbox)) }
        self.tables = Mutex(tables)
        self.outbox = outbox
    }

    public func transaction<Result: Sendable>(
        _: StaticString, _ body: @escaping @Sendable (any Transaction) throws -> Result
    ) async throws -> Result {
        try tables.withLock { tables in
            // The transaction must own the tables; otherwise its first change would copy them.
            let transaction = MemoryTransaction(exchange(&tables, with: MemoryTables()), at: clock.now)
            defer { tables = transaction.end() }
            do {
                let result = try body(transaction)
                outbox.apply(transaction.outbox, at: transaction.now)
                if transaction.changesWindows { windowsChanged.notify() }
                return result
            } catch {
                transaction.rollBack()
                throw error
            }
        }
    }

    public func outboxConsumer(of topic: Topic) async throws -> any OutboxConsumer {
        MemoryConsumer(of: outbox[topic], clock: clock)
    }

    public func migrate() async throws {}

    public func schema() async throws -> SchemaState { .current }

    public func close() async {}
}
