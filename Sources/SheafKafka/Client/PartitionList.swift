import CRdKafka

/// A partition of a topic.
struct TopicPartition: Hashable, Sendable {
    let topic: String
    let partition: Int32
}

/// A list of partitions; librdkafka owns it for the duration of a call.
struct PartitionList {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) { self.pointer = pointer }

    var partitions: [TopicPartition] { entries.map { TopicPartition($0) } }

    /// The partitions with an error.
    var failed: [TopicPartition] { entries.filter { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }.map { TopicPartition($0) } }

    /// The offsets of the partitions without an error.
    var offsets: [TopicPartition: Int64] {
        let found = entries.filter { $0.err == RD_KAFKA_RESP_ERR_NO_ERROR }.map { (TopicPartition($0), $0.offset) }
        return Dictionary(found) { $1 }
    }

    /// The first error of a partition.
    var error: rd_kafka_resp_err_t? { entries.lazy.map(\.err).first { $0 != RD_KAFKA_RESP_ERR_NO_ERROR } }

    private var entries: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: pointer.pointee.elems, count: Int(pointer.pointee.cnt))
    }

    /// Passes a list of topics to `body`.
    static func with<Result>(topics: [String], _ body: (PartitionList) -> Result) -> Result {
        let partitions = topics.map { TopicPartition(topic: $0, partition: RD_KAFKA_PARTITION_UA) }
        return with(Dictionary(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { $1 }, body)
    }

    /// Passes a list of partitions, each with an offset, to `body`.
    static func with<Result>(_ offsets: [TopicPartition: Int64], _ body: (PartitionList) -> Result) -> Result {
        let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t> =
            rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for (partition, offset) in offsets {
            rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)?.pointee.offset = offset
        }
        return body(PartitionList(list))
    }
}

extension TopicPartition {
    init(_ entry: rd_kafka_topic_partition_t) {
        self.init(topic: String(cString: entry.topic), partition: entry.partition)
    }
}
