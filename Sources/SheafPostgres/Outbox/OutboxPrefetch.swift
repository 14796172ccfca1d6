import SheafCore

/// What a consumer knows of its messages: those read ahead, those handed out, and how far it has read.
struct OutboxPrefetch {
    struct Entry {
        let shard: Int
        let position: OutboxPosition
        let message: QueueMessage
    }

    /// Read and not handed out yet, in the order of the outbox.
    private var ahead: [Entry] = []
    /// The shards of messages that are read ahead or handed out, by their numbers.
    private var aheadShards: [Int64: Int] = [:]
    private var handedOut: [Int64: Int] = [:]
    /// All up to here is known, by shard; a shard that is missing is to be read from its beginning.
    private(set) var cursors: [Int: OutboxPosition] = [:]

    var countAhead: Int { ahead.count }

    /// How many messages of each shard are known and not ended.
    func countsKnown() -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for shard in aheadShards.values { counts[shard, default: 0] += 1 }
        for shard in handedOut.values { counts[shard, default: 0] += 1 }
        return counts
    }

    /// How many messages of `shard` are handed out.
    func countHandedOut(in shard: Int) -> Int { handedOut.values.count { $0 == shard } }

    /// Has all shards read from their beginnings.
    mutating func rewind() { cursors = [:] }

    /// Takes in what was read of `shards`, in its order.
    ///
    /// - Parameters:
    ///   - ended: numbers of messages that ended while they were read.
    ///   - movesCursors: whether all before the last of them is known.
    /// - Returns: how many of them are new.
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
        // A message that was committed late goes before what was read earlier.
        if count > 0 { ahead.sort { $0.position < $1.position } }
        return count
    }

    /// Hands out up to `limit` messages.
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

    /// Messages that were handed out have ended.
    mutating func end(_ numbers: [Int64]) {
        for number in numbers { handedOut[number] = nil }
    }

    /// Messages that were handed out are to be read again, and what was read ahead with them, in the right order.
    mutating func nack(_ numbers: [Int64]) {
        for number in numbers { handedOut[number] = nil }
        ahead = []
        aheadShards = [:]
        cursors = [:]
    }

    /// Forgets what was read ahead of a shard that is not this consumer's any more. What is handed out stays known.
    mutating func leave(_ shard: Int) {
        cursors[shard] = nil
        ahead.removeAll { $0.shard == shard }
        aheadShards = aheadShards.filter { $0.value != shard }
    }
}
