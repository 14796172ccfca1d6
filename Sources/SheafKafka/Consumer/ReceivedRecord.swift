import SheafCore
import Synchronization

/// A record as it was handed out.
struct ReceivedRecord: Hashable, Sendable {
    let record: SourceRecord
    /// What is said of a record counts in this generation alone.
    let generation: Generation

    var place: Place {
        Place(partition: TopicPartition(record), generation: generation, offset: record.offset)
    }
}

/// Where a record stands, and in which generation it was handed out.
struct Place: Hashable, Sendable {
    let partition: TopicPartition
    let generation: Generation
    let offset: Int64
}

/// One of the times that a partition was given to this process.
struct Generation: Hashable, Sendable {
    private static let counter = Atomic<UInt32>(0)

    /// At most 2^31 - 1.
    let number: Int64

    init(number: Int64) { self.number = number }

    /// One that was not there before in this process.
    static func next() -> Generation {
        Generation(number: Int64(counter.add(1, ordering: .relaxed).newValue & 0x7FFF_FFFF))
    }
}

extension TopicPartition {
    init(_ record: SourceRecord) { self.init(topic: record.topic, partition: record.partition) }
}
