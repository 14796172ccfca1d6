import GRDB
import SheafCore
import Synchronization

/// Groups waiting writes into one transaction, and so into one disk sync. Each runs in a savepoint of its own, so a
/// write that fails does not undo the others.
final class WriteQueue: Sendable {
    /// The maximum writes of a transaction, so that the first does not wait long.
    private static let limit = 32

    /// A write that has run; it is called with the transaction's result.
    private typealias Completion = @Sendable ((any Error)?) -> Void
    private typealias Job = @Sendable (Database) -> Completion

    private struct State {
        var jobs: [Job] = []
        var isDraining = false
    }

    private let pool: DatabasePool
    private let producerIDs: ProducerIDs
    private let state = Mutex(State())
    private let check: @Sendable () throws -> Void

    /// - Parameter check: checks that the files still exist; called before a transaction and after its commit.
    init(_ pool: DatabasePool, _ producerIDs: ProducerIDs, check: @escaping @Sendable () throws -> Void) {
        self.pool = pool
        self.producerIDs = producerIDs
        self.check = check
    }

    /// Runs `body` in a transaction. Cancelling the task does not interrupt it, since callers must act on the result.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            enqueue { [producerIDs] database in
                do {
                    let result = try Self.inSavepoint(database) { try body(database) }
                    return { failure in
                        if let failure {
                            continuation.resume(throwing: failure)
                        } else {
                            continuation.resume(returning: result)
                        }
                    }
                } catch {
                    producerIDs.rolledBack()
                    return { failure in continuation.resume(throwing: failure ?? error) }
                }
            }
        }
    }

    private func enqueue(_ job: @escaping Job) {
        let isFirst = state.withLock { state in
            state.jobs.append(job)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if isFirst { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    private func drain(_ database: Database) {
        while true {
            let jobs = state.withLock { state in
                let jobs = Array(state.jobs.prefix(Self.limit))
                state.jobs.removeFirst(jobs.count)
                if jobs.isEmpty { state.isDraining = false }
                return jobs
            }
            if jobs.isEmpty { return }
            run(jobs, database)
        }
    }

    private func run(_ jobs: [Job], _ database: Database) {
        StatementCount.addTransaction()
        var completions: [Completion] = []
        var failure: (any Error)?
        do {
            try check()
            try database.beginTransaction(.immediate)
            for job in jobs { completions.append(job(database)) }
            // Some failures (a full disk) make SQLite roll back the whole transaction; committing then fails too.
            try database.commit()
            // A commit into a deleted file does not count.
            try check()
            producerIDs.committed()
        } catch {
            failure = error
            producerIDs.rolledBack()
            // An error of the rollback would hide the original error.
            if database.isInsideTransaction { try? database.rollback() }
            // If the transaction could not begin, no job has run: each runs into the same error and reports it.
            for job in jobs.dropFirst(completions.count) { completions.append(job(database)) }
        }
        for completion in completions { completion(failure) }
    }

    private static func inSavepoint<Result>(_ database: Database, _ body: () throws -> Result) throws -> Result {
        guard database.isInsideTransaction else {
            throw DatabaseError(resultCode: .SQLITE_ABORT, message: "the transaction was rolled back")
        }
        try database.run("SAVEPOINT job")
        do {
            let result = try body()
            try database.run("RELEASE job")
            return result
        } catch {
            if database.isInsideTransaction {
                _ = try? database.run("ROLLBACK TO job")
                _ = try? database.run("RELEASE job")
            }
            throw error
        }
    }
}
