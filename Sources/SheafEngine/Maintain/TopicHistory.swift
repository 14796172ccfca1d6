import SheafCore

/// How far a topic of the queue was at earlier looks, as a value, and what follows of how old that is which still waits.
struct TopicHistory: Sendable {
    private struct Look: Sendable {
        /// All messages written before it were in the queue, or ended.
        let moment: Timestamp
        let ends: [Int: Int64]
    }

    private static let limit = 128

    private var looks: [Look] = []
    /// All messages written before it are handled; `nil` if that is not known of any moment.
    private(set) var handled: Timestamp?

    /// - Parameter moment: all messages written before it were published before the queue was asked.
    mutating func note(_ progress: [PartitionProgress], published moment: Timestamp) {
        let ends = Dictionary(progress.map { ($0.partition, $0.end) }) { max($0, $1) }
        // A topic that was made anew counts anew.
        if let last = looks.last, last.ends.contains(where: { $0.value > ends[$0.key] ?? 0 }) { looks = [] }
        looks.append(Look(moment: moment, ends: ends))
        let reached = Dictionary(progress.map { ($0.partition, $0.handled) }) { min($0, $1) }
        if let index = looks.lastIndex(where: { look in look.ends.allSatisfy { $0.value <= reached[$0.key] ?? 0 } }) {
            handled = max(looks[index].moment, handled ?? looks[index].moment)
            looks.removeFirst(index + 1)
        }
        // With fewer looks less is known, which is on the safe side.
        if looks.count > Self.limit {
            looks = looks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        }
    }
}
