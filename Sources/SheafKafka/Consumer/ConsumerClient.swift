import CRdKafka
import Logging
import SheafCore

/// One consumer of librdkafka, used by one thread.
///
/// Records arrive in a queue of their own, to which the partitions' queues are forwarded. While the workers are behind,
/// that queue is not read, and librdkafka stops fetching at its limits. The main queue is still polled, so that the
/// group does not consider the consumer dead.
final class ConsumerClient {
    /// How long it waits for a record. This delays the handling of a rebalance, an error or a stop.
    private static let pollInterval: Int32 = 100
    /// The same while no records are read.
    private static let fullInterval: Int32 = 10
    private static let batch = 500
    private static let commitInterval = Duration.seconds(1)
    private static let commitCount = 1000

    private let client: KafkaClient
    private let records: RecordQueue
    private let reading: SharedReading
    private let logger: Logger
    private var topics = TopicNames()
    private let wantedTopics: @Sendable () -> [String]
    private var subscribedTopics: [String] = []
    private var lastSubscribed = ContinuousClock.now
    private var lastCommit = ContinuousClock.now - ConsumerClient.commitInterval

    /// - Throws: ``SheafError`` if a setting is wrong.
    init(
        _ options: KafkaOptions, group: String, topics: @escaping @Sendable () -> [String], reading: SharedReading,
        logger: Logger
    ) throws(SheafError) {
        let records = RecordQueue()
        let context = ClientContext(
            logger,
            rebalance: { client, code, list in
                Rebalance(client: client, records: records, reading: reading, logger: logger).handle(code, list)
            },
            committed: { code, list in
                let failed = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list.failed : list.partitions
                guard !failed.isEmpty, code != RD_KAFKA_RESP_ERR__NO_OFFSET else { return }
                logger.info("committing to Kafka failed and will be retried", metadata: ["error": "\(code.text)"])
                reading.commitFailed(failed)
            })
        client = try KafkaClient(.consumer(group: group), options, context)
        records.open(client.pointer)
        self.records = records
        self.reading = reading
        self.logger = logger
        wantedTopics = topics
        subscribe()
    }

    /// Reads until it is stopped or fails for good, then leaves the group; blocks.
    func run() {
        while !reading.isStopping, reading.failure == nil {
            let isFull = reading.isFull
            serve(timeout: isFull ? Self.fullInterval : 0)
            if !isFull { take() }
            commitWhenDue()
            if ContinuousClock.now - lastSubscribed >= Self.commitInterval { subscribe() }
        }
        // Closing revokes all partitions, and so commits finished records.
        rd_kafka_consumer_close(client.pointer)
        records.close()
    }

    /// Subscribes to the current topics, if they have changed.
    private func subscribe() {
        lastSubscribed = .now
        let topics = wantedTopics().sorted()
        guard topics != subscribedTopics else { return }
        subscribedTopics = topics
        let pointer = client.pointer
        let code = PartitionList.with(topics: topics) { rd_kafka_subscribe(pointer, $0.pointer) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { reading.fail(code.error("subscribing failed")) }
    }

    // MARK: Polling

    /// Serves the main queue: rebalances, errors, results of commits.
    private func serve(timeout: Int32) {
        var timeout = timeout
        while let message = rd_kafka_consumer_poll(client.pointer, timeout) {
            defer { rd_kafka_message_destroy(message) }
            if let record = read(message) { reading.arrive([record]) }
            timeout = 0
        }
    }

    /// Takes the records that have arrived, and waits for the first.
    private func take() {
        var taken: [SourceRecord] = []
        while taken.count < Self.batch,
            let message = rd_kafka_consume_queue(records.pointer, taken.isEmpty ? Self.pollInterval : 0)
        {
            defer { rd_kafka_message_destroy(message) }
            guard let record = read(message) else { break }
            taken.append(record)
        }
        reading.arrive(taken)
    }

    private func read(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> SourceRecord? {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            note(message.pointee.err)
            return nil
        }
        client.context.status.noteSuccess()
        return SourceRecord(message, topic: topics.name(of: message.pointee.rkt))
    }

    private func note(_ code: rd_kafka_resp_err_t) {
        switch code {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: return
        case RD_KAFKA_RESP_ERR__FATAL:
            reading.fail(rd_kafka_fatal_error(client.pointer, nil, 0).error("reading from Kafka failed"))
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR__DESTROY:
            reading.fail(code.error("reading from Kafka failed"))
        default:
            // The library recovers by itself.
            client.context.status.note(code)
            logger.warning("reading from Kafka has problems", metadata: ["error": "\(code.text)"])
        }
    }

    // MARK: Committing

    private func commitWhenDue() {
        let now = ContinuousClock.now
        let isTime = now - lastCommit >= Self.commitInterval
        let offsets = reading.takeCommits(atLeast: Self.commitCount, orWhere: isTime)
        guard !offsets.isEmpty else { return }
        lastCommit = now
        let code = PartitionList.with(offsets) { rd_kafka_commit(client.pointer, $0.pointer, 1) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { reading.commitFailed(Array(offsets.keys)) }
    }
}
