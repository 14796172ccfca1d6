import DequeModule
import SheafCore

/// The delivered records of one partition: which are in flight, which were handed back, and which are finished; and the
/// offset up to which all are finished, which may be committed. It is a value without I/O.
struct OffsetTracker<Record: Sendable>: Sendable {
    private enum Standing: Sendable { case inHand, returned, done }

    private struct Entry: Sendable {
        let offset: Int64
        var standing: Standing
        /// Kept until the record is finished.
        var record: Record?
    }

    /// Sorted by offset, possibly with gaps; the first entry is not finished.
    private var entries: Deque<Entry> = []

    /// The offset after the last record up to which all are finished; `nil` while none is.
    private(set) var committable: Int64?

    /// The number of records in flight.
    private(set) var inHand = 0

    /// Adds a record that is delivered for the first time; its offset is higher than all before.
    mutating func handOut(_ record: Record, at offset: Int64) {
        entries.append(Entry(offset: offset, standing: .inHand, record: record))
        inHand += 1
    }

    /// Takes a record that was handed back; `nil` if it was finished meanwhile or is in flight.
    mutating func handOutAgain(_ offset: Int64) -> Record? {
        guard let index = index(of: offset), entries[index].standing == .returned else { return nil }
        entries[index].standing = .inHand
        inHand += 1
        return entries[index].record
    }

    /// - Returns: whether the record was in flight, and now waits to be delivered again.
    mutating func nack(_ offset: Int64) -> Bool {
        guard let index = index(of: offset), entries[index].standing == .inHand else { return false }
        entries[index].standing = .returned
        inHand -= 1
        return true
    }

    /// Marks a record as finished; it is never delivered again.
    /// - Returns: whether it was not finished before.
    @discardableResult
    mutating func finish(_ offset: Int64) -> Bool {
        guard let index = index(of: offset), entries[index].standing != .done else { return false }
        finish(at: index)
        advance()
        return true
    }

    /// Marks all delivered records up to the one at `offset` as finished.
    /// - Returns: how many were not finished before.
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
