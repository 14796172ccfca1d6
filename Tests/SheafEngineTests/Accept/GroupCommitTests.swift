import SheafCore
import Synchronization
import Testing

@testable import SheafEngine

@Suite("GroupCommit", .timeLimit(.minutes(1)))
struct GroupCommitTests {
    private let calls = CommitCalls()

    /// The first commit waits for the gate; the outcome of an item is ten times the item.
    private func commits(
        batch: Int = 100, maxPending: Int = .max, failing: Int? = nil, with error: SheafError = Failures.permanent
    ) -> GroupCommit<Int, Int> {
        GroupCommit(batch: batch, maxPending: maxPending) { [calls] items in
            calls.add(items)
            await calls.gate.wait(after: 0)
            if let failing, items.contains(failing) { throw error }
            return items.map { $0 * 10 }
        }
    }

    /// Submits items, and returns once they wait.
    private func submit(_ items: [Int], to commits: GroupCommit<Int, Int>) async -> Task<[Int], any Error> {
        let before = commits.pending
        let task = Task { try await commits.submit(items) }
        while commits.pending < before + items.count { await Task.yield() }
        return task
    }

    private func submit(_ parts: [[Int]], to commits: GroupCommit<Int, Int>) async -> [Task<[Int], any Error>] {
        var tasks: [Task<[Int], any Error>] = []
        for part in parts { tasks.append(await submit(part, to: commits)) }
        return tasks
    }

    @Test("Callers during a commit share the next one, and each gets its own outcomes in order")
    func shared() async throws {
        let commits = commits()
        let tasks = await submit([[1], [2], [3, 4], [5]], to: commits)
        calls.gate.notify()
        var outcomes: [[Int]] = []
        for task in tasks { outcomes.append(try await task.value) }
        #expect(outcomes == [[10], [20], [30, 40], [50]])
        #expect(calls.all == [[1], [2, 3, 4, 5]])
    }

    @Test("No further caller joins a full commit")
    func full() async throws {
        let commits = commits(batch: 3)
        let tasks = await submit([[1], [2, 3], [4, 5], [6]], to: commits)
        calls.gate.notify()
        for task in tasks { _ = try await task.value }
        #expect(calls.all == [[1], [2, 3, 4, 5], [6]])
    }

    @Test("A second commit begins beside the first once a full batch waits, and no third")
    func lanes() async throws {
        let commits = GroupCommit<Int, Int>(batch: 3, lanes: 2) { [calls] items in
            calls.add(items)
            await calls.gate.wait(after: 0)
            return items.map { $0 * 10 }
        }
        var tasks = [await submit([1], to: commits)]
        while calls.all.isEmpty { await Task.yield() }
        tasks += await submit([[2], [3]], to: commits)
        #expect(calls.all == [[1]])
        tasks.append(await submit([4], to: commits))
        while calls.all.count < 2 { await Task.yield() }
        tasks.append(await submit([5, 6, 7], to: commits))
        #expect(calls.all == [[1], [2, 3, 4]])
        calls.gate.notify()
        var outcomes: [Int] = []
        for task in tasks { outcomes += try await task.value }
        #expect(outcomes == [10, 20, 30, 40, 50, 60, 70])
        #expect(calls.all == [[1], [2, 3, 4], [5, 6, 7]])
    }

    @Test("No further caller joins a commit that would exceed the weight limit; a caller above the limit commits alone")
    func weight() async throws {
        let commits = GroupCommit<Int, Int>(batch: 100, weight: .init(limit: 10) { $0 }) { [calls] items in
            calls.add(items)
            await calls.gate.wait(after: 0)
            return items
        }
        let tasks = await submit([[1], [4], [6], [1], [50], [2, 3], [5], [9]], to: commits)
        calls.gate.notify()
        for task in tasks { _ = try await task.value }
        #expect(calls.all == [[1], [4, 6], [1], [50], [2, 3, 5], [9]])
    }

    @Test("If a shared commit fails, only the caller at fault fails")
    func oneAtFault() async throws {
        let commits = commits(failing: 3)
        let tasks = await submit([[1], [2], [3], [4]], to: commits)
        calls.gate.notify()
        #expect(try await tasks[1].value == [20])
        #expect(await failure(of: tasks[2]) == Failures.permanent)
        #expect(try await tasks[3].value == [40])
        #expect(calls.all == [[1], [2, 3, 4], [2], [3], [4]])
    }

    @Test("An infrastructure failure fails all callers without trying each one")
    func infrastructure() async throws {
        let commits = commits(failing: 3, with: Failures.infrastructure)
        let tasks = await submit([[1], [2], [3], [4]], to: commits)
        calls.gate.notify()
        #expect(try await tasks[0].value == [10])
        for task in tasks.dropFirst() { #expect(await failure(of: task) == Failures.infrastructure) }
        #expect(calls.all == [[1], [2, 3, 4]])
    }

    @Test("Items above the limit are refused, and accepted again once there is room")
    func overloaded() async throws {
        let commits = commits(maxPending: 3)
        let tasks = await submit([[1], [2, 3]], to: commits)
        let refused = await failure(of: Task { try await commits.submit([4]) })
        #expect(refused?.code == .overloaded)
        #expect(refused?.retryAfter != nil)
        calls.gate.notify()
        for task in tasks { _ = try await task.value }
        #expect(try await commits.submit([4, 5, 6]) == [40, 50, 60])
        #expect(calls.all == [[1], [2, 3], [4, 5, 6]])
    }

    @Test("A caller with more items than the limit is accepted while there is room, and then no other is")
    func largerThanTheLimit() async throws {
        let commits = commits(maxPending: 2)
        let tasks = await submit([[1], [2, 3, 4, 5]], to: commits)
        #expect(await failure(of: Task { try await commits.submit([6]) })?.code == .overloaded)
        calls.gate.notify()
        #expect(try await tasks[0].value == [10])
        #expect(try await tasks[1].value == [20, 30, 40, 50])
        #expect(try await commits.submit([6, 7, 8]) == [60, 70, 80])
    }

    @Test("A failed commit also frees its room")
    func overloadedAfterFailure() async throws {
        let commits = commits(maxPending: 2, failing: 1)
        let tasks = await submit([[1], [2]], to: commits)
        calls.gate.notify()
        #expect(await failure(of: tasks[0]) == Failures.permanent)
        #expect(try await tasks[1].value == [20])
        #expect(try await commits.submit([3, 4]) == [30, 40])
    }

    @Test("No items need no commit")
    func empty() async throws {
        #expect(try await commits().submit([]) == [])
        #expect(calls.all.isEmpty)
    }

    @Test("Cancelling does not undo submitted items")
    func cancellation() async throws {
        let commits = commits()
        let tasks = await submit([[1], [2]], to: commits)
        tasks[1].cancel()
        calls.gate.notify()
        #expect(try await tasks[1].value == [20])
    }

    private func failure(of task: Task<[Int], any Error>) async -> SheafError? {
        do {
            _ = try await task.value
            return nil
        } catch {
            return error as? SheafError
        }
    }
}

/// The commits so far, and the gate for which they wait.
private final class CommitCalls: Sendable {
    let gate = WakeUp()
    private let state = Mutex<[[Int]]>([])

    var all: [[Int]] { state.withLock { $0 } }

    func add(_ items: [Int]) { state.withLock { $0.append(items) } }
}
