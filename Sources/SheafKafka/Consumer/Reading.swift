import DequeModule
import HeapModule
import SheafCore

/// What one consumer has of its partitions: records that arrived, records in hand, and what is to be committed. It is a
/// value without I/O.
struct Reading: Sendable {
    private struct Partition {
        let generation = Generation.next()
        var tracker = OffsetTracker<SourceRecord>()
        /// The offset of the last record that arrived.
        var lastArrived: Int64?
        /// The offset that was sent to be committed.
        var committed: Int64?
        /// On its way to another: nothing is handed out any more.
        var isLeaving = false
    }

    /// A record that was given back, in the order of being handed out again.
    private struct Returned: Comparable {
        let place: Place

        static func < (left: Self, right: Self) -> Bool {
            (left.place.partition.topic, left.place.partition.partition, left.place.offset)
                < (right.place.partition.topic, right.place.partition.partition, right.place.offset)
        }
    }

    private var partitions: [TopicPartition: Partition] = [:]
    private var arrived: Deque<ReceivedRecord> = []
    private var returned: Heap<Returned> = []

    /// The size of the records that wait to be handed out for the first time.
    private(set) var waitingBytes = 0

    /// Records that were done since the last call of ``takeCommits()``.
    private(set) var finishedSinceCommit = 0

    /// Records that wait to be handed out for the first time.
    var waiting: Int { arrived.count }

    /// The partitions that are read.
    var assigned: Set<TopicPartition> { Set(partitions.keys) }

    /// How many records of these partitions are in hand.
    func inHand(of partitions: [TopicPartition]) -> Int {
        partitions.reduce(0) { $0 + (self.partitions[$1]?.tracker.inHand ?? 0) }
    }
}

// MARK: - Partitions

extension Reading {
    /// Begins to read partitions that were given to this consumer.
    mutating func assign(_ given: [TopicPartition]) {
        for partition in given { partitions[partition] = Partition() }
    }

    /// Hands out nothing more of these partitions; what is in hand may still be finished.
    mutating func beginRevoking(_ taken: [TopicPartition]) {
        for partition in taken { partitions[partition]?.isLeaving = true }
        dropArrived(of: Set(taken))
    }

    /// Stops reading these partitions.
    /// - Returns: what is to be committed of them.
    mutating func revoke(_ taken: [TopicPartition]) -> [TopicPartition: Int64] {
        beginRevoking(taken)
        var offsets: [TopicPartition: Int64] = [:]
        for name in taken {
            guard let partition = partitions.removeValue(forKey: name) else { continue }
            // What was sent to be committed before may not have arrived.
            offsets[name] = partition.tracker.committable
        }
        return offsets
    }

    private mutating func dropArrived(of dropped: Set<TopicPartition>) {
        arrived.removeAll { dropped.contains(TopicPartition($0.record)) }
        waitingBytes = arrived.reduce(0) { $0 + $1.record.size }
    }
}

// MARK: - Records

extension Reading {
    /// Notes records that came from the brokers. Those of partitions that were taken away are passed over.
    ///
    /// - Returns: whether each partition went on in its order. One that went back was cut or made anew, and what is
    ///   known of it speaks of another log; nothing of it is taken, and reading is to begin anew.
    mutating func arrive(_ records: [SourceRecord]) -> Bool {
        var isInOrder = true
        for record in records {
            let name = TopicPartition(record)
            guard let partition = partitions[name], !partition.isLeaving else { continue }
            if let last = partition.lastArrived, record.offset <= last {
                isInOrder = false
                continue
            }
            partitions[name]?.lastArrived = record.offset
            arrived.append(ReceivedRecord(record: record, generation: partition.generation))
            waitingBytes += record.size
        }
        return isInOrder
    }

    /// Hands out at most `limit` records: first those that were given back, then in the order of arrival.
    mutating func take(limit: Int) -> [ReceivedRecord] {
        var taken: [ReceivedRecord] = []
        while taken.count < limit, let place = returned.popMin()?.place {
            guard isCurrent(place), partitions[place.partition]?.isLeaving == false,
                let record = partitions[place.partition]?.tracker.handOutAgain(place.offset)
            else { continue }
            taken.append(ReceivedRecord(record: record, generation: place.generation))
        }
        while taken.count < limit, let next = arrived.popFirst() {
            waitingBytes -= next.record.size
            partitions[TopicPartition(next.record)]?.tracker.handOut(next.record, at: next.record.offset)
            taken.append(next)
        }
        return taken
    }

    /// Notes that records are done; those of earlier generations are passed over.
    mutating func finish(_ places: [Place]) {
        for place in places where isCurrent(place) {
            if partitions[place.partition]?.tracker.finish(place.offset) == true { finishedSinceCommit += 1 }
        }
    }

    /// Notes that all that was handed out of a partition, up to an offset, is done.
    mutating func finish(through offsets: [TopicPartition: Int64]) {
        for (partition, offset) in offsets {
            finishedSinceCommit += partitions[partition]?.tracker.finish(through: offset) ?? 0
        }
    }

    /// Takes records back, to be handed out again; those that are done, or of earlier generations, are passed over.
    /// - Returns: whether any was taken back.
    mutating func nack(_ places: [Place]) -> Bool {
        var any = false
        for place in places where isCurrent(place) {
            guard partitions[place.partition]?.tracker.nack(place.offset) == true else { continue }
            returned.insert(Returned(place: place))
            any = true
        }
        return any
    }

    private func isCurrent(_ place: Place) -> Bool { partitions[place.partition]?.generation == place.generation }
}

// MARK: - Commits

extension Reading {
    /// What is to be committed, and was not sent to be before.
    mutating func takeCommits() -> [TopicPartition: Int64] {
        finishedSinceCommit = 0
        var offsets: [TopicPartition: Int64] = [:]
        for (name, partition) in partitions {
            guard let offset = partition.tracker.committable, offset != partition.committed else { continue }
            offsets[name] = offset
            partitions[name]?.committed = offset
        }
        return offsets
    }

    /// Notes that committing failed, so that it is tried again.
    mutating func commitFailed(_ failed: [TopicPartition]) {
        for partition in failed { partitions[partition]?.committed = nil }
    }
}

extension SourceRecord {
    /// About how many bytes it holds.
    var size: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.value.count + $1.name.utf8.count }
    }
}
