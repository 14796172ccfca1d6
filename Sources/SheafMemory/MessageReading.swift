import HeapModule
import SheafCore

/// One consumer's view of its log: messages that wait for delivery, and messages in flight. It is a value without I/O.
struct MessageReading: Sendable {
    private struct Waiting: Comparable {
        let dueAt: Timestamp
        let sequence: Int64

        static func < (left: Self, right: Self) -> Bool {
            (left.dueAt, left.sequence) < (right.dueAt, right.sequence)
        }
    }

    private var waiting: Heap<Waiting>
    private var inHand: Set<Int64> = []
    /// All messages before this one were seen.
    private var nextSequence: Int64

    init(_ log: MessageLog) {
        waiting = Heap(log.entries.map { Waiting(dueAt: $0.value.dueAt, sequence: $0.key) })
        nextSequence = log.nextSequence
    }

    /// Takes the messages that are due at `now`, in the order of their due times, then of writing.
    mutating func take(from log: MessageLog, limit: Int, at now: Timestamp) -> [ReceivedMessage] {
        noticeNew(in: log)
        var taken: [ReceivedMessage] = []
        while taken.count < limit, let first = waiting.min, first.dueAt <= now {
            waiting.removeMin()
            guard let entry = log.entries[first.sequence] else { continue }
            inHand.insert(first.sequence)
            taken.append(
                ReceivedMessage(
                    message: entry.message, position: MessagePosition(partition: 0, offset: first.sequence)))
        }
        return taken
    }

    /// When the next message is due, as of the last ``take(from:limit:at:)``.
    var nextDueAt: Timestamp? { waiting.min?.dueAt }

    mutating func forget(_ sequence: Int64) { inHand.remove(sequence) }

    mutating func nack(_ sequence: Int64, to log: MessageLog) {
        guard inHand.remove(sequence) != nil, let entry = log.entries[sequence] else { return }
        waiting.insert(Waiting(dueAt: entry.dueAt, sequence: sequence))
    }

    private mutating func noticeNew(in log: MessageLog) {
        for sequence in nextSequence..<log.nextSequence {
            guard let entry = log.entries[sequence] else { continue }
            waiting.insert(Waiting(dueAt: entry.dueAt, sequence: sequence))
        }
        nextSequence = log.nextSequence
    }
}
