import NIOCore

/// The stream's last messages, for all its readers together. A reader has but its place in it, so that however many are
/// slow, the messages are held once.
struct StreamLog {
    /// Where a reader is.
    struct Place {
        /// The number of the message that comes next.
        fileprivate var next: Int
        /// The notifications that the messages before it stand for.
        fileprivate var passed: Int
    }

    private struct Entry {
        let message: ByteBuffer
        let notifications: Int
    }

    private let capacity: Int
    private var entries = CircularBuffer<Entry>()
    /// How many messages were removed, and the notifications that they stood for.
    private var removed = Place(next: 0, passed: 0)
    private var passed = 0

    init(capacity: Int) { self.capacity = capacity }

    /// The place of a reader that begins.
    var end: Place { Place(next: removed.next + entries.count, passed: passed) }

    /// - Parameter notifications: how many notifications the message tells of, or says that it leaves out.
    mutating func append(_ message: ByteBuffer, notifications: Int = 0) {
        if entries.count == capacity {
            removed.next += 1
            removed.passed += entries.removeFirst().notifications
        }
        entries.append(Entry(message: message, notifications: notifications))
        passed += notifications
    }

    /// Up to `limit` messages from `place` on, which is moved behind them; `nil` if there is none.
    ///
    /// What was removed before the reader came to it is left out, and a first message says so.
    func read(from place: inout Place, limit: Int) -> ByteBuffer? {
        guard place.next < end.next else { return nil }
        var messages = ByteBuffer()
        if place.next < removed.next {
            let lost = removed.passed - place.passed
            if lost > 0 { messages.writeImmutableBuffer(StreamMessage.gap(lost)) }
            place = removed
        }
        for entry in entries.dropFirst(place.next - removed.next).prefix(limit) {
            messages.writeImmutableBuffer(entry.message)
            place.next += 1
            place.passed += entry.notifications
        }
        return messages
    }
}
