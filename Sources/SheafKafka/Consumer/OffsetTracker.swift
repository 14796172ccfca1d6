import DequeModule
import SheafCore

/// What is known of the records of one partition that were handed out: which are in hand, which were given back, which
/// are done; and how far all are done, which is what may be committed. It is a value without I/O.
struct OffsetTracker<Record: Sendable>: Sendable {
    private enum Standing: Sendable { case inHand, returned, done }

    private struct Entry: Sendable {
        let offset: Int64
        var standing: Standing
        /// Kept until it is done.
        var record: Record?
    }

    /// In the order of their offsets, which may have gaps; the first is not done.
    private var entries: Deque<Entry> = []

    /// The offset after the last record up to which all are done; `nil` while none is.
    private(set) var committable: Int64?

    /// Records that are in hand.
    private(set) var inHand = 0

    /// Notes that a record is handed out for the first time; its offset is beyond those before.
    mutating func handOut(_ record: Record, at offset: Int64) {
        entries.append(Entry(offset: offset, standing: .inHand, record: record))
        inHand += 1
    }

    /// Takes a record that was given back; `nil` if it is done meanwhile or in hand.
    mutating func handOutAgain(_ offset: Int64) -> Record? {
        guard let index = index(of: offset), entries[index].standing == .returned else { return nil }
        entries[index].standing = .inHand
        inHand += 1
        return entries[index].record
    }

    /// - Returns: whether the record was in hand, and now waits to be handed out again.
    mutating func nack(_ offset: Int64) -> Bool {
        guard let index = index(of: offset), entries[index].standing == .inHand else { return false }
        entries[index].standing = .returned
        inHand -= 1
        return true
    }

    /// Notes that a record is done, and never to be handed out again.
    /// - Returns: whether it was not done before.
    @discardableResult
    mutating func finish(_ offset: Int64) -> Bool {
        guard let index = index(of: offset), entries[index].standing != .done else { return false }
        finish(at: index)
        advance()
        return true
    }

    /// Notes that all records that were handed out, up to the one at `offset`, are done.
    /// - Returns: how many were not done before.
    @discardableResult
    mutating func finish(through offset: Int64) -> Int {
        var count = 0
        for index in entries.indices {
            guard entries[index].offset <= offset else { break }
            guard entries[index].standing != .done else { continue }
            finish(at: index)
            count += 1
        }
        advance()
        return count
    }

    private mutating func finish(at index: Int) {
        if entries[index].standing == .inHand { inHand -= 1 }
        entries[index].standing = .done
        entries[index].record = nil
    }

    private mutating func advance() {
        while let first = entries.first, first.standing == .done {
            committable = first.offset.addingClamped(1)
            entries.removeFirst()
        }
    }

    private func index(of offset: Int64) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].offset == offset ? low : nil
    }
}
