import SheafCore
import Synchronization

/// Groups callers that arrive during a commit into the next one: one transaction and one disk sync for all of them.
///
/// If a shared commit fails, each caller's part is committed by itself, so that only the caller at fault fails. If the
/// infrastructure failed, all of them fail.
final class GroupCommit<Item: Sendable, Outcome: Sendable>: Sendable {
    typealias Commit = @Sendable ([Item]) async throws -> [Outcome]

    /// A limit of a commit besides the number of its items.
    struct Weight: Sendable {
        /// No further caller's items join a commit if the sum would exceed this.
        let limit: Int
        let of: @Sendable (Item) -> Int
    }

    private struct Submission {
        let items: [Item]
        let continuation: CheckedContinuation<[Outcome], any Error>
    }

    private struct State {
        var waiting: [Submission] = []
        /// Items that wait or are being committed.
        var pending = 0
        /// Items of the callers that wait.
        var waitingItems = 0
        /// Commits under way.
        var committing = 0
    }

    private let commit: Commit
    private let linger: Duration
    private let batch: Int
    private let weight: Weight?
    private let maxPending: Int
    private let lanes: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - batch: no further caller's items join a commit that already has this many.
    ///   - weight: another limit of a commit; `nil` if there is none.
    ///   - maxPending: once this many items wait, callers are refused as `overloaded`. The last caller admitted may
    ///     exceed it.
    ///   - linger: how long the first caller waits for others, like PostgreSQL's `commit_delay`. Use it if sharing
    ///     gains more than waiting costs.
    ///   - lanes: commits at the same time. A further one begins only once a full batch waits.
    ///   - commit: makes items durable and returns an outcome for each.
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

    /// Commits items and returns an outcome for each. Cancelling the caller does not undo the commit.
    func submit(_ items: [Item]) async throws -> [Outcome] {
        guard !items.isEmpty else { return [] }
        return try await withCheckedThrowingContinuation { continuation in
            let submission = Submission(items: items, continuation: continuation)
            let isAdmitted = state.withLock { state in
                // An idle instance admits a caller with any number of items. Otherwise a caller with more than
                // `maxPending` items would never be admitted.
                guard state.pending < maxPending else { return false }
                state.pending += items.count
                state.waiting.append(submission)
                state.waitingItems += items.count
                guard state.committing == 0 || state.committing < lanes && state.waitingItems >= batch else {
                    return true
                }
                state.committing += 1
                Task { await drain() }
                return true
            }
            if !isAdmitted {
                continuation.resume(
                    throwing: SheafError(.overloaded, "too many events wait to be stored", retryAfter: .seconds(1)))
            }
        }
    }

    /// Items that wait or are being committed.
    var pending: Int { state.withLock(\.pending) }

    private func drain() async {
        while true {
            // Nobody cancels this task.
            if linger > .zero, state.withLock({ !$0.waiting.isEmpty && $0.pending < batch }) {
                try? await Task.sleep(for: linger, tolerance: .zero)
            }
            guard let submissions = next() else { return }
            await commit(submissions)
        }
    }

    /// Takes the callers of the next commit; `nil` if nobody waits, and then this lane has ended.
    private func next() -> [Submission]? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.committing -= 1
                return nil
            }
            let submissions = Array(state.waiting[..<end(of: state.waiting)])
            state.waiting.removeFirst(submissions.count)
            state.waitingItems -= submissions.reduce(0) { $0 + $1.items.count }
            return submissions
        }
    }

    /// The end of the next commit in the list of waiting callers; it always includes the first caller.
    private func end(of waiting: [Submission]) -> Int {
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
                end(submission, with: .success(Array(rest.prefix(submission.items.count))))
                rest = rest.dropFirst(submission.items.count)
            }
        } catch  where submissions.count > 1 && error.failureKind != .infrastructure {
            for submission in submissions { await commit([submission]) }
        } catch {
            for submission in submissions { end(submission, with: .failure(error)) }
        }
    }

    private func end(_ submission: Submission, with result: Result<[Outcome], any Error>) {
        // First there is room again: the caller may submit more at once.
        state.withLock { $0.pending -= submission.items.count }
        submission.continuation.resume(with: result)
    }
}
