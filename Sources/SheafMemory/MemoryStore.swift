public import SheafCore
import Synchronization

/// A store in memory: the reference that the other stores are held to, and what tests run on.
///
/// Unlike a database, its readers wait for a transaction that runs.
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

    /// A store with the data that is durable in `other`, as a process finds it after a crash.
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
            // The transaction has the tables to itself, or its first change would copy them.
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
