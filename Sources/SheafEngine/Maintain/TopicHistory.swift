import SheafCore

/// The progress of a queue's topic at earlier polls, from which follows how old the messages that still wait can be.
struct TopicHistory: Sendable {
    private struct Look: Sendable {
        /// All messages written before it were in the queue or had ended.
        let moment: Timestamp
        let ends: [Int: Int64]
    }

    private static let limit = 128

    private var looks: [Look] = []
    /// All messages written before this moment are handled; `nil` if no such moment is known.
    private(set) var handled: Timestamp?

    /// - Parameter moment: all messages written before it were published before the queue was asked.
    mutating func note(_ progress: [PartitionProgress], published moment: Timestamp) {
        let ends = Dictionary(progress.map { ($0.partition, $0.end) }) { max($0, $1) }
        // A topic that was recreated starts its offsets again.
        if let last = looks.last, last.ends.contains(where: { $0.value > ends[$0.key] ?? 0 }) { looks = [] }
        looks.append(Look(moment: moment, ends: ends))
        let reached = Dictionary(progress.map { ($0.partition, $0.handled) }) { min($0, $1) }
        if let index = looks.lastIndex(where: { look in look.ends.allSatisfy { $0.value <= reached[$0.key] ?? 0 } }) {
            handled = max(looks[index].moment, handled ?? looks[index].moment)
            looks.removeFirst(index + 1)
        }
        // With fewer polls less is known, which is safe.
        if looks.count > Self.limit {
            looks = looks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
    }
}
