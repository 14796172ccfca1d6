import SheafCore

/// Lets callers that come while a commit is under way share the next one: one transaction, and one wait for the disk,
/// for all of them.
///
/// If a shared commit fails, each caller's part is committed by itself, so that only the one at fault fails; unless
/// the infrastructure failed, which concerns them all.
actor GroupCommit<Item: Sendable, Outcome: Sendable> {
    typealias Commit = @Sendable ([Item]) async throws -> [Outcome]

    /// What a commit may hold beside the count of its items.
    struct Weight: Sendable {
        /// No further caller's items join a commit where the sum would be more.
        let limit: Int
        let of: @Sendable (Item) -> Int
    }

    private struct Submission {
        let items: [Item]
        let continuation: CheckedContinuation<[Outcome], any Error>
    }

    private let commit: Commit
    private let linger: Duration
    private let batch: Int
    private let weight: Weight?
    private let maxPending: Int
    private var waiting: [Submission] = []
    private(set) var pending = 0
    /// Items of those who wait.
    private var waitingItems = 0
    private let lanes: Int
    /// Commits under way.
    private var committing = 0

    /// - Parameters:
    ///   - batch: no further caller's items join a commit that has this many.
    ///   - weight: what else bounds a commit; `nil` if nothing does.
    ///   - maxPending: once as many items wait, callers are refused as `overloaded`; the last one let in may bring more.
    ///   - linger: how long the first waits for others (as PostgreSQL's `commit_delay`); for callers who gain more
    ///     by sharing than they lose by waiting.
    ///   - lanes: commits at the same time; another begins only once a full batch waits.
    ///   - commit: makes items durable, and answers an outcome for each.
    init(
        batch: Int, weight: Weight? = nil, maxPending: Int = .max, linger: Duration = .zero, lanes: Int = 1,
        commit: @escaping Commit
    ) {
        self.lanes = lanes
        self.weight = weight
        self.linger = linger
        self.batch = batch
        self.maxPending = maxPending
        self.commit = commit
    }

    /// Commits items and answers an outcome for each. Cancellation does not take back what was submitted.
    func submit(_ items: [Item]) async throws -> [Outcome] {
        guard !items.isEmpty else { return [] }
        // Whatever the caller's number, there has to be a moment when it is taken: with less than a batch as the limit
        // nothing would ever be, however idle.
        guard pending < maxPending else {
            throw SheafError(.overloaded, "too many events wait to be stored", retryAfter: .seconds(1))
        }
        pending += items.count
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Submission(items: items, continuation: continuation))
            waitingItems += items.count
            guard committing == 0 || committing < lanes && waitingItems >= batch else { return }
            committing += 1
            Task { await self.drain() }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            // This task is nobody's to cancel.
            if linger > .zero, pending < batch { try? await Task.sleep(for: linger, tolerance: .zero) }
            let submissions = Array(waiting[..<end])
            waiting.removeFirst(submissions.count)
            waitingItems -= submissions.reduce(0) { $0 + $1.items.count }
            await commit(submissions)
            pending -= submissions.reduce(0) { $0 + $1.items.count }
        }
        committing -= 1
    }

    /// Where the next commit ends among those who wait; the first is always in it.
    private var end: Int {
        var (count, sum) = (0, 0)
        let end = waiting.firstIndex { submission in
            let more = weight.map { weight in submission.items.reduce(0) { $0 + weight.of($1) } } ?? 0
            if count >= batch || count > 0 && sum + more > weight?.limit ?? .max { return true }
            count += submission.items.count
            sum += more
            return false
        }
        return end ?? waiting.count
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
