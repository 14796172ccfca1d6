import SheafCore

/// The messages of one topic that were not acknowledged, as a value.
struct MessageLog: Sendable {
    struct Entry: Sendable {
        let message: QueueMessage
        let writtenAt: Timestamp
        let dueAt: Timestamp
    }

    /// By sequence number, in the order of writing.
    private(set) var entries: [Int64: Entry] = [:]
    private(set) var nextSequence: Int64 = 0

    /// Messages that are due at `now`.
    func backlog(at now: Timestamp) -> Int { entries.values.count { $0.dueAt <= now } }

    /// The first message that was not acknowledged.
    var firstSequence: Int64? { entries.keys.min() }

    mutating func append(_ message: QueueMessage, at now: Timestamp) {
        entries[nextSequence] = Entry(message: message, writtenAt: now, dueAt: now + max(message.delay, .zero))
        nextSequence += 1
    }

    /// Changes the time of messages written after `now` to `now`.
    /// - Returns: how many were changed.
    mutating func boundDues(at now: Timestamp) -> Int {
        let ahead = entries.filter { $0.value.writtenAt > now }
        for (sequence, entry) in ahead {
            entries[sequence] = Entry(
                message: entry.message, writtenAt: now, dueAt: now + (entry.dueAt - entry.writtenAt))
        }
        return ahead.count
    }

    mutating func remove(_ sequence: Int64) { entries[sequence] = nil }

    mutating func erase(recipient: RecipientID) {
        entries = entries.filter { $0.value.message.key != recipient }
    }

    /// When the oldest message that is due at `now` was written.
    func oldest(at now: Timestamp) -> Timestamp? {
        entries.values.lazy.filter { $0.dueAt <= now }.map(\.writtenAt).min()
    }
}
