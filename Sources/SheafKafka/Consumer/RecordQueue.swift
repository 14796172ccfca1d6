import CRdKafka

/// The queue of librdkafka by which records come, apart from rebalances and errors.
///
/// It can be shared since it is opened before its consumer subscribes, and after that used by the thread that polls the
/// consumer alone: the callbacks that use it come on that thread.
final class RecordQueue: @unchecked Sendable {
    private(set) var pointer: OpaquePointer?

    func open(_ client: OpaquePointer) { pointer = rd_kafka_queue_new(client) }

    /// Has the records of these partitions come here.
    func receive(_ partitions: [TopicPartition], of client: OpaquePointer) {
        for partition in partitions {
            guard let queue = rd_kafka_queue_get_partition(client, partition.topic, partition.partition) else {
                continue
            }
            rd_kafka_queue_forward(queue, pointer)
            rd_kafka_queue_destroy(queue)
        }
    }

    /// Frees the queue, which is to be done before its client ends.
    func close() {
        if let pointer { rd_kafka_queue_destroy(pointer) }
        pointer = nil
    }
}
