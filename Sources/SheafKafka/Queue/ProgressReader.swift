internal import BlockingIO
import CRdKafka
import Logging
import SheafCore

/// Reads the progress of the queue's groups from the brokers, with a client that knows a group's name but never joins
/// it.
actor ProgressReader {
    /// The time limit of one request; a read needs at most four.
    private static let timeout: Int32 = 2000
    /// How long the number of a topic's partitions is cached.
    private static let partitionsLifetime = Duration.seconds(60)

    private let executor = ThreadExecutor()
    private let options: KafkaOptions
    private let logger: Logger
    private var clients: [Topic: KafkaClient] = [:]
    private var partitions: [Topic: (found: [TopicPartition], at: ContinuousClock.Instant)] = [:]

    init(_ options: KafkaOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: ``SheafError`` `unavailable` if the brokers cannot be reached.
    func progress(of topic: Topic) throws(SheafError) -> [PartitionProgress] {
        let client = try client(of: topic)
        serveErrors(of: client)
        let partitions = try partitions(of: topic, client)
        let ends = try offsets(of: partitions, .end, client)
        let committed = try committed(partitions, client)
        // Records that a broker dropped by age need no handling any more; without a commit, a partition starts at its
        // first record.
        let behind = partitions.filter { (committed[$0] ?? -1) < (ends[$0] ?? 0) }
        let begins = behind.isEmpty ? [:] : try offsets(of: behind, .beginning, client)
        client.context.status.noteSuccess()
        return partitions.map { partition in
            let end = ends[partition] ?? 0
            return PartitionProgress(
                partition: Int(partition.partition),
                handled: min(end, max(committed[partition] ?? 0, begins[partition] ?? 0)), end: end)
        }
    }

    /// Ends the connections.
    func close() { clients = [:] }

    // MARK: Queries

    private func client(of topic: Topic) throws(SheafError) -> KafkaClient {
        if let client = clients[topic] { return client }
        let client = try KafkaClient(.consumer(group: options.groupName(topic)), options, ClientContext(logger))
        clients[topic] = client
        return client
    }

    /// Serves the errors that the library keeps for the polling thread.
    private func serveErrors(of client: KafkaClient) {
        while let message = rd_kafka_consumer_poll(client.pointer, 0) {
            client.context.status.note(message.pointee.err)
            rd_kafka_message_destroy(message)
        }
    }

    private func partitions(of topic: Topic, _ client: KafkaClient) throws(SheafError) -> [TopicPartition] {
        if let (found, at) = partitions[topic], ContinuousClock.now - at < Self.partitionsLifetime { return found }
        let name = options.topicName(topic)
        guard let handle = rd_kafka_topic_new(client.pointer, name, nil) else {
            throw rd_kafka_last_error().error(Self.action)
        }
        defer { rd_kafka_topic_destroy(handle) }
        var answer: UnsafePointer<rd_kafka_metadata>?
        try check(rd_kafka_metadata(client.pointer, 0, handle, &answer, Self.timeout), client)
        defer { rd_kafka_metadata_destroy(answer) }
        guard let answer,
            let described = UnsafeBufferPointer(
                start: answer.pointee.topics, count: Int(answer.pointee.topic_cnt)
            ).first
        else { throw RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART.error(Self.action) }
        try check(described.err, client)
        let found = UnsafeBufferPointer(start: described.partitions, count: Int(described.partition_cnt)).map {
            TopicPartition(topic: name, partition: $0.id)
        }
        partitions[topic] = (found, .now)
        return found
    }

    /// Special offsets of the protocol.
    private enum Bound: Int64 {
        case end = -1
        case beginning = -2
    }

    /// One request to each broker that leads some of the partitions.
    private func offsets(
        of partitions: [TopicPartition], _ bound: Bound, _ client: KafkaClient
    ) throws(SheafError) -> [TopicPartition: Int64] {
        try ask(Dictionary(partitions.map { ($0, bound.rawValue) }) { $1 }, client) { list in
            rd_kafka_offsets_for_times(client.pointer, list, Self.timeout)
        }
    }

    /// One request to the group's coordinator. Partitions without a commit are left out.
    private func committed(
        _ partitions: [TopicPartition], _ client: KafkaClient
    ) throws(SheafError) -> [TopicPartition: Int64] {
        try ask(Dictionary(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { $1 }, client) { list in
            rd_kafka_committed(client.pointer, list, Self.timeout)
        }.filter { $0.value >= 0 }
    }

    private func ask(
        _ offsets: [TopicPartition: Int64], _ client: KafkaClient,
        _ question: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> rd_kafka_resp_err_t
    ) throws(SheafError) -> [TopicPartition: Int64] {
        let (code, answer) = PartitionList.with(offsets) { list in
            let code = question(list.pointer)
            return (code == RD_KAFKA_RESP_ERR_NO_ERROR ? list.error ?? code : code, list.offsets)
        }
        // The partitions were found before. A broker that lost contact with the others may not know them for a while.
        let cause = client.context.status.reason ?? code
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, Self.unknown.contains(cause) {
            throw SheafError(.unavailable, "\(Self.action): \(cause.text)")
        }
        try check(code, client)
        return answer
    }

    private static let unknown = [
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
    ]

    private func check(_ code: rd_kafka_resp_err_t, _ client: KafkaClient) throws(SheafError) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw (client.context.status.reason ?? code).error(Self.action)
    }

    private static let action = "reading the queue's progress from Kafka failed"
}
