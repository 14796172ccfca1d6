import CRdKafka

/// The librdkafka queue in which records arrive, apart from rebalances and errors.
///
/// It can be shared: it is opened before its consumer subscribes, and afterwards used only by the thread that polls the
/// consumer, including its callbacks.
final class RecordQueue: @unchecked Sendable {
    private(set) var pointer: OpaquePointer?

    func open(_ client: OpaquePointer) { pointer = rd_kafka_queue_new(client) }

    /// Forwards the records of these partitions to this queue.
    func receive(_ partitions: [TopicPartition], of client: OpaquePointer) {
        for partition in partitions {
            guard let queue = rd_kafka_queue_get_partition(client, partition.topic, partition.partition) else {
                continue
            }
            rd_kafka_queue_forward(queue, pointer)
            rd_kafka_queue_destroy(queue)
        }
    }

    /// Frees the queue; call it before its client ends.
    func close() {
        if let pointer { rd_kafka_queue_destroy(pointer) }
        pointer = nil
    }
}
