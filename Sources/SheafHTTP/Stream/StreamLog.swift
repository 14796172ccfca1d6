import NIOCore

/// The last messages of the stream, shared by all its readers. A reader is only a position in it, so that the messages
/// are held once, however many readers are slow.
struct StreamLog {
    /// A reader's position.
    struct Place {
        /// The number of the next message.
        fileprivate var next: Int
        /// How many notifications the messages before it cover.
        fileprivate var passed: Int
    }

    private struct Entry {
        let message: ByteBuffer
        let notifications: Int
    }

    private let capacity: Int
    private var entries = CircularBuffer<Entry>()
    /// How many messages were removed, and how many notifications they covered.
    private var removed = Place(next: 0, passed: 0)
    private var passed = 0

    init(capacity: Int) { self.capacity = capacity }

    /// The position of a new reader.
    var end: Place { Place(next: removed.next + entries.count, passed: passed) }

    /// - Parameter notifications: how many notifications the message reports, or reports as left out.
    mutating func append(_ message: ByteBuffer, notifications: Int = 0) {
        if entries.count == capacity {
            removed.next += 1
            removed.passed += entries.removeFirst().notifications
        }
        entries.append(Entry(message: message, notifications: notifications))
        passed += notifications
    }

    /// Up to `limit` messages from `place` on, which moves to the position after them; `nil` if there is none.
    ///
    /// If messages were removed before the reader came to them, the first message says so.
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
