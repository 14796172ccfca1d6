import DequeModule
import HeapModule
import SheafCore

/// The state of a consumer's partitions: records that arrived, records in flight, and offsets to commit. It is a value
/// without I/O.
struct Reading: Sendable {
    private struct Partition {
        let generation = Generation.next()
        var tracker = OffsetTracker<SourceRecord>()
        /// The offset of the last record that arrived.
        var lastArrived: Int64?
        /// The offset last sent in a commit.
        var committed: Int64?
        /// Being revoked: nothing is delivered any more.
        var isLeaving = false
    }

    /// A record that was handed back, ordered by its next delivery.
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

    /// The size of the records that wait for their first delivery.
    private(set) var waitingBytes = 0

    /// How many records were finished since the last call of ``takeCommits()``.
    private(set) var finishedSinceCommit = 0

    /// How many records wait for their first delivery.
    var waiting: Int { arrived.count }

    /// The assigned partitions.
    var assigned: Set<TopicPartition> { Set(partitions.keys) }

    /// How many records of these partitions are in flight.
    func inHand(of partitions: [TopicPartition]) -> Int {
        partitions.reduce(0) { $0 + (self.partitions[$1]?.tracker.inHand ?? 0) }
    }
}

// MARK: - Partitions

extension Reading {
    /// Begins to read partitions that were assigned to this consumer.
    mutating func assign(_ given: [TopicPartition]) {
        for partition in given { partitions[partition] = Partition() }
    }

    /// Stops delivering records of these partitions; those in flight may still be finished.
    mutating func beginRevoking(_ taken: [TopicPartition]) {
        for partition in taken { partitions[partition]?.isLeaving = true }
        dropArrived(of: Set(taken))
    }

    /// Stops reading these partitions.
    /// - Returns: the offsets to commit for them.
    mutating func revoke(_ taken: [TopicPartition]) -> [TopicPartition: Int64] {
        beginRevoking(taken)
        var offsets: [TopicPartition: Int64] = [:]
        for name in taken {
            guard let partition = partitions.removeValue(forKey: name) else { continue }
            // An earlier commit may not have arrived.
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
    /// Adds records that came from the brokers. Those of revoked partitions are skipped.
    ///
    /// - Returns: whether each partition continued in order. A partition that went back was truncated or recreated, so
    ///   the known offsets belong to another log. None of its records is added, and reading must start again.
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

    /// Takes at most `limit` records for delivery: first those that were handed back, then in the order of arrival.
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

    /// Marks records as finished; those of earlier generations are skipped.
    mutating func finish(_ places: [Place]) {
        for place in places where isCurrent(place) {
            if partitions[place.partition]?.tracker.finish(place.offset) == true { finishedSinceCommit += 1 }
        }
    }

    /// Marks all delivered records of a partition, up to an offset, as finished.
    mutating func finish(through offsets: [TopicPartition: Int64]) {
        for (partition, offset) in offsets {
            finishedSinceCommit += partitions[partition]?.tracker.finish(through: offset) ?? 0
        }
    }

    /// Takes records back, to be delivered again; those that are finished, or of earlier generations, are skipped.
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
    /// The offsets to commit that were not sent before.
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

    /// Records that a commit failed, so that it is retried.
    mutating func commitFailed(_ failed: [TopicPartition]) {
        for partition in failed { partitions[partition]?.committed = nil }
    }
}

extension SourceRecord {
    /// Its approximate size in bytes.
    var size: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.value.count + $1.name.utf8.count }
    }
}
