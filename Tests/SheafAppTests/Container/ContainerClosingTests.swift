import Logging
import SheafCore
import Synchronization
import Testing

@testable import SheafApp

/// What happened, in order.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])

    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
}

/// Records error log lines.
struct JournalLog: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(journal: Journal) { self.journal = journal }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        journal.note(([event.message.description] + values).joined(separator: " "))
    }
}

/// A clock in which time passes only when the test lets a wait pass.
final class TestTime: TimeSource {
    private let state = Mutex((now: Timestamp(microseconds: 0), passes: 0))
    var now: Timestamp { state.withLock { $0.now } }

    func letOneWaitPass() { state.withLock { $0.passes += 1 } }

    func sleep(for duration: Duration) async throws {
        while !passes(duration) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private func passes(_ duration: Duration) -> Bool {
        state.withLock { state in
            // A cancelled wait leaves the pass to the next one.
            guard state.passes > 0, !Task.isCancelled else { return false }
            state = (state.now + duration, state.passes - 1)
            return true
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ContainerClosingTests {
    private struct Failure: Error, CustomStringConvertible { let description = "it broke" }

    private let journal = Journal()
    private let log = Journal()

    private let time = TestTime()

    private func container() -> Container {
        Container(logger: Logger(label: "test") { [log] _ in JournalLog(journal: log) }, time: time)
    }

    private func open(_ name: String, in container: Container) async throws {
        _ = try await container.part(name, close: { [journal] _ in journal.note("close \(name)") }) {
            journal.note("open \(name)")
            return name
        }
    }

    @Test func `opened parts are closed, last first`() async throws {
        let container = container()
        _ = try await container.outer(journal)
        try await open("third", in: container)
        _ = try await container.part("fourth", close: { [journal] _ in journal.note("close fourth") }) { 4 }
        _ = try await container.part("not to be closed") { 5 }
        await container.closeAll(deadline: .seconds(1))
        #expect(
            journal.all == [
                "open inner", "open outer", "open third", "close fourth", "close third", "close outer", "close inner",
            ])
        #expect(log.all == [])
    }

    @Test func `a second closing is harmless, at once or later`() async throws {
        let container = container()
        try await open("part", in: container)
        await withTaskGroup { group in
            for _ in 0..<10 { group.addTask { await container.closeAll(deadline: .seconds(1)) } }
        }
        await container.closeAll(deadline: .seconds(1))
        #expect(journal.all == ["open part", "close part"])
    }

    @Test func `a part that fails to close does not stop others`() async throws {
        let container = container()
        try await open("first", in: container)
        _ = try await container.part("second", close: { _ in throw Failure() }) { 2 }
        try await open("third", in: container)
        await container.closeAll(deadline: .seconds(1))
        #expect(journal.all.suffix(2) == ["close third", "close first"])
        #expect(log.all == ["a part could not be closed error=it broke part=second"])
    }

    @Test func `a part that does not close in time is abandoned, and the others are closed`() async throws {
        let container = container()
        let (never, hold) = AsyncStream<Void>.makeStream()
        try await open("first", in: container)
        _ = try await container.part("stuck", close: stuck(until: never)) { 2 }
        try await open("third", in: container)
        await container.closeAll(deadline: .seconds(10))
        hold.finish()
        #expect(journal.all.suffix(2) == ["close third", "close first"])
        #expect(log.all == ["a part did not close in time, and is abandoned deadline=5s part=stuck"])
    }

    @Test func `many parts that do not close end together within the deadline`() async throws {
        let container = container()
        let (never, hold) = AsyncStream<Void>.makeStream()
        try await open("first", in: container)
        for number in 1...4 { _ = try await container.part("stuck \(number)", close: stuck(until: never)) { number } }
        let start = time.now
        await container.closeAll(deadline: .seconds(16))
        hold.finish()
        #expect(time.now - start == .seconds(8 + 4 + 2 + 1))
        #expect(log.all.count == 4)
        #expect(journal.all == ["open first", "close first"])
    }

    /// Uses all of its time, and ignores cancellation.
    private func stuck(until end: AsyncStream<Void>) -> Container.Close<Int> {
        { [time] _ in
            time.letOneWaitPass()
            await Task.detached { for await _ in end {} }.value
        }
    }

    @Test func `a part that does not close in time is cancelled`() async throws {
        let container = container()
        let (closed, close) = AsyncStream<Void>.makeStream()
        _ = try await container.part(
            "patient",
            close: { [time] _ in
                time.letOneWaitPass()
                while !Task.isCancelled { await Task.yield() }
                close.finish()
            }
        ) { 1 }
        await container.closeAll(deadline: .seconds(5))
        for await _ in closed {}
        #expect(log.all.count == 1)
    }

    @Test func `cancelling the caller does not speed up closing`() async throws {
        let container = container()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        _ = try await container.part(
            "part",
            close: { [journal] _ in
                start.finish()
                for await _ in gate {}
                journal.note(Task.isCancelled ? "cancelled" : "closed")
            }
        ) { 1 }
        let closing = Task { await container.closeAll(deadline: .seconds(1)) }
        for await _ in started {}
        closing.cancel()
        open.finish()
        await closing.value
        #expect(journal.all == ["closed"])
    }

    @Test func `after closing existing parts are still returned, and no new ones are opened`() async throws {
        let container = container()
        try await open("old", in: container)
        await container.closeAll(deadline: .seconds(1))
        try await open("old", in: container)
        await #expect(throws: ContainerError.closed(part: "new")) { try await open("new", in: container) }
        await #expect(throws: ContainerError.closed(part: "newer")) { try await container.part("newer") { 1 } }
        #expect(journal.all == ["open old", "close old"])
    }

    @Test func `a part whose build outlasts closing is still closed`() async throws {
        let container = container()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        let (closed, close) = AsyncStream<Void>.makeStream()
        let asking = Task {
            try await container.part("late", close: { _ in close.finish() }) {
                start.finish()
                for await _ in gate {}
                return 1
            }
        }
        for await _ in started {}
        await container.closeAll(deadline: .seconds(1))
        open.finish()
        await #expect(throws: ContainerError.closed(part: "late")) { try await asking.value }
        for await _ in closed {}
    }
}

extension Container {
    fileprivate func outer(_ journal: Journal) async throws -> String {
        try await part("outer", close: { _ in journal.note("close outer") }) {
            let inner = try await inner(journal)
            journal.note("open outer")
            return "outer of \(inner)"
        }
    }

    fileprivate func inner(_ journal: Journal) async throws -> String {
        try await part("inner", close: { _ in journal.note("close inner") }) {
            journal.note("open inner")
            return "inner"
        }
    }
}
