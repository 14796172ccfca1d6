import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("The age of messages that wait in the queue")
struct TopicHistoryTests {
    private func moment(_ seconds: Int) -> Timestamp { TestClock.start + .seconds(seconds) }

    /// Partitions as pairs of the handled and the end number.
    private func progress(_ partitions: (Int64, Int64)...) -> [PartitionProgress] {
        partitions.enumerated().map { PartitionProgress(partition: $0, handled: $1.0, end: $1.1) }
    }

    @Test("Nothing is known before consumers have passed an earlier poll")
    func unknown() {
        var history = TopicHistory()
        #expect(history.handled == nil)
        history.note(progress((3, 10), (5, 5)), published: moment(0))
        #expect(history.handled == nil)
        history.note(progress((9, 20), (5, 5)), published: moment(1))
        #expect(history.handled == nil)
        history.note(progress((10, 30), (5, 5)), published: moment(2))
        #expect(history.handled == moment(0))
    }

    @Test("An empty queue has no messages from before the poll")
    func empty() {
        var history = TopicHistory()
        history.note(progress((10, 10), (0, 0)), published: moment(7))
        #expect(history.handled == moment(7))
    }

    @Test("The partition that is furthest behind decides")
    func slowPartition() {
        var history = TopicHistory()
        for second in 0..<10 {
            let end = Int64(second)
            history.note(progress((end, end), (min(end, 4), end)), published: moment(second))
        }
        #expect(history.handled == moment(4))
        history.note(progress((20, 20), (19, 20)), published: moment(10))
        #expect(history.handled == moment(9))
    }

    @Test("For a long backlog less is remembered, and the reported moment is never too late")
    func longBacklog() {
        var history = TopicHistory()
        for second in 0..<10_000 { history.note(progress((0, Int64(second + 1))), published: moment(second)) }
        for handled in stride(from: Int64(1), through: 10_000, by: 7) {
            history.note(progress((handled, 10_000)), published: moment(20_000))
            // The message with this number had been written by then.
            #expect(history.handled ?? moment(-1) < moment(Int(handled)))
        }
        history.note(progress((10_000, 10_000)), published: moment(20_001))
        #expect(history.handled == moment(20_001))
    }

    @Test("A recreated topic starts again")
    func madeAnew() {
        var history = TopicHistory()
        history.note(progress((0, 1000)), published: moment(0))
        history.note(progress((0, 2)), published: moment(1))
        history.note(progress((2, 2)), published: moment(2))
        #expect(history.handled == moment(2))
    }
}
