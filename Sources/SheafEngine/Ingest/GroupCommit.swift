import SheafCore

/// Lets callers that come while a commit is under way share the next one: one transaction, and one wait for the disk,
/// for all of them.
///
/// Where a shared commit fails, each caller's part is committed by itself, so that only the one at fault fails; unless
/// the infrastructure failed, which concerns them all.
actor GroupCommit<Item: Sendable, Outcome: Sendable> {
    typealias Commit = @Sendable ([Item]) async throws -> [Outcome]

    private struct Submission {
        let items: [Item]
        let continuation: CheckedContinuation<[Outcome], any Error>
    }

    private let commit: Commit
    private let linger: Duration
    private let batch: Int
    private let maxPending: Int
    private var waiting: [Submission] = []
    private(set) var pending = 0
    private var isCommitting = false

    /// - Parameters:
    ///   - batch: no further caller's items join a commit that has this many.
    ///   - maxPending: items that may wait; more are refused as `overloaded`.
    ///   - linger: how long the first waits for others (as PostgreSQL's `commit_delay`); for callers who gain more
    ///     by sharing than they lose by waiting.
    ///   - commit: makes items durable, and answers an outcome for each.
    init(batch: Int, maxPending: Int = .max, linger: Duration = .zero, commit: @escaping Commit) {
        self.linger = linger
        self.batch = batch
        self.maxPending = maxPending
        self.commit = commit
    }

    /// Commits items and answers an outcome for each. Cancellation does not take back what was submitted.
    func submit(_ items: [Item]) async throws -> [Outcome] {
        guard !items.isEmpty else { return [] }
        guard pending + items.count <= maxPending else {
            throw SheafError(.overloaded, "too many events wait to be stored", retryAfter: .seconds(1))
        }
        pending += items.count
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Submission(items: items, continuation: continuation))
            guard !isCommitting else { return }
            isCommitting = true
            Task { await self.drain() }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            // This task is nobody's to cancel.
            if linger > .zero, pending < batch { try? await Task.sleep(for: linger, tolerance: .zero) }
            var count = 0
            let end = waiting.firstIndex { submission in
                if count >= batch { return true }
                count += submission.items.count
                return false
            }
            let submissions = Array(waiting[..<(end ?? waiting.count)])
            waiting.removeFirst(submissions.count)
            await commit(submissions)
            pending -= count
        }
        isCommitting = false
    }

    private func commit(_ submissions: [Submission]) async {
        do {
            let outcomes = try await commit(submissions.flatMap(\.items))
            var rest = outcomes[...]
            for submission in submissions {
                submission.continuation.resume(returning: Array(rest.prefix(submission.items.count)))
                rest = rest.dropFirst(submission.items.count)
            }
        } catch  where submissions.count > 1 && error.failureKind != .infrastructure {
            for submission in submissions { await commit([submission]) }
        } catch {
            for submission in submissions { submission.continuation.resume(throwing: error) }
        }
    }
}
