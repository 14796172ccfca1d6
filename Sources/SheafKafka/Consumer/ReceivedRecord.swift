import SheafCore
import Synchronization

/// A record as delivered to a worker.
struct ReceivedRecord: Hashable, Sendable {
    let record: SourceRecord
    /// Calls about the record are valid only in this generation.
    let generation: Generation

    var place: Place {
        Place(partition: TopicPartition(record), generation: generation, offset: record.offset)
    }
}

/// The position of a record, and the generation in which it was delivered.
struct Place: Hashable, Sendable {
    let partition: TopicPartition
    let generation: Generation
    let offset: Int64
}

/// One assignment of a partition to this process.
struct Generation: Hashable, Sendable {
    private static let counter = Atomic<UInt32>(0)

    /// At most 2^31 - 1.
    let number: Int64

    init(number: Int64) { self.number = number }

    /// A generation that is new in this process.
    static func next() -> Generation {
        Generation(number: Int64(counter.add(1, ordering: .relaxed).newValue & 0x7FFF_FFFF))
    }
}

extension TopicPartition {
    init(_ record: SourceRecord) { self.init(topic: record.topic, partition: record.partition) }
}
