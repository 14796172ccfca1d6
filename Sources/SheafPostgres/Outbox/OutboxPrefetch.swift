import SheafCore

/// A consumer's view of its messages: those read ahead, those in flight, and how far it has read.
struct OutboxPrefetch {
    struct Entry {
        let shard: Int
        let position: OutboxPosition
        let message: QueueMessage
    }

    /// Read but not in flight yet, in the order of the outbox.
    private var ahead: [Entry] = []
    /// The shards of messages that are read ahead or in flight, by their numbers.
    private var aheadShards: [Int64: Int] = [:]
    private var handedOut: [Int64: Int] = [:]
    /// The position up to which all messages are known, by shard; a missing shard is read from its beginning.
    private(set) var cursors: [Int: OutboxPosition] = [:]

    var countAhead: Int { ahead.count }

    /// How many messages of each shard are known and have not ended.
    func countsKnown() -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for shard in aheadShards.values { counts[shard, default: 0] += 1 }
        for shard in handedOut.values { counts[shard, default: 0] += 1 }
        return counts
    }

    /// How many messages of `shard` are in flight.
    func countHandedOut(in shard: Int) -> Int { handedOut.values.count { $0 == shard } }

    /// Makes all shards be read from their beginnings.
    mutating func rewind() { cursors = [:] }

    /// Adds messages that were read from `shards`, in order.
    ///
    /// - Parameters:
    ///   - ended: numbers of messages that ended during the read.
    ///   - movesCursors: whether all messages before the last of these are known.
    /// - Returns: how many messages are new.
    mutating func add(
        _ entries: [Entry], of shards: Set<Int>, ended: Set<Int64>, movesCursors: Bool
    ) -> Int {
        var count = 0
        for entry in entries where shards.contains(entry.shard) {
            let number = entry.position.number
            if movesCursors { cursors[entry.shard] = entry.position }
            guard aheadShards[number] == nil, handedOut[number] == nil, !ended.contains(number) else { continue }
            ahead.append(entry)
            aheadShards[number] = entry.shard
            count += 1
        }
        // A message that was committed late comes before messages read earlier.
        if count > 0 { ahead.sort { $0.position < $1.position } }
        return count
    }

    /// Takes up to `limit` messages for delivery.
    mutating func handOut(_ limit: Int) -> [ReceivedMessage] {
        let entries = ahead.prefix(limit)
        ahead.removeFirst(entries.count)
        return entries.map { entry in
            aheadShards[entry.position.number] = nil
            handedOut[entry.position.number] = entry.shard
            return ReceivedMessage(
                message: entry.message,
                position: MessagePosition(partition: entry.position.due, offset: entry.position.number))
        }
    }

    /// Removes messages in flight that have ended.
    mutating func end(_ numbers: [Int64]) {
        for number in numbers { handedOut[number] = nil }
    }

    /// Makes messages in flight be read again, together with those read ahead, in the right order.
    mutating func nack(_ numbers: [Int64]) {
        for number in numbers { handedOut[number] = nil }
        ahead = []
        aheadShards = [:]
        cursors = [:]
    }

    /// Forgets the messages read ahead of a shard that this consumer no longer holds. Messages in flight stay known.
    mutating func leave(_ shard: Int) {
        cursors[shard] = nil
        ahead.removeAll { $0.shard == shard }
        aheadShards = aheadShards.filter { $0.value != shard }
    }
}
