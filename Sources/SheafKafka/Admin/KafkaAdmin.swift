internal import BlockingIO
import CRdKafka
public import Logging
public import SheafCore

/// Reads brokers' metadata and creates topics.
public actor KafkaAdmin {
    /// The default number of partitions. One worker of a group reads a partition at a time, so at most this many share
    /// a topic.
    public static let defaultPartitions = 12
    private static let maximumReplication = 3

    private let executor = ThreadExecutor()
    private let options: KafkaOptions
    private let logger: Logger
    private var client: KafkaClient?

    /// - Throws: ``SheafError`` `invalid` if a setting is wrong.
    public init(_ options: KafkaOptions, logger: Logger) throws(SheafError) {
        try options.validate()
        self.options = options
        self.logger = logger
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The brokers that are up, as `host:port`.
    ///
    /// - Throws: ``SheafError`` `unavailable` if none responds within `timeout`.
    public func check(timeout: Duration = .seconds(5)) throws(SheafError) -> [String] {
        try metadata(timeout).brokers
    }

    /// Creates missing topics. If the brokers refuse, this only logs it, since they may create topics by themselves.
    ///
    /// - Parameter replication: the replication factor; if `nil`, the number of brokers, but at most 3.
    /// - Throws: ``SheafError`` `unavailable` if no broker responds.
    public func ensure(
        topics: [String], partitions: Int = defaultPartitions, replication: Int? = nil,
        timeout: Duration = .seconds(10)
    ) throws(SheafError) {
        let (brokers, existing) = try metadata(timeout)
        let missing = topics.filter { !existing.contains($0) }
        guard !missing.isEmpty else { return }
        let request = TopicRequest(
            partitions: partitions, replication: replication ?? min(Self.maximumReplication, max(1, brokers.count)))
        for (topic, code) in request.create(missing, on: try opened().pointer, timeout) {
            switch code {
            case RD_KAFKA_RESP_ERR_NO_ERROR: logger.notice("a topic was created", metadata: ["topic": "\(topic)"])
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: continue
            default:
                logger.warning(
                    "a topic is missing and could not be created; the brokers may create it",
                    metadata: ["topic": "\(topic)", "error": "\(code.text)"])
            }
        }
    }

    /// Ends the connections.
    public func close() { client = nil }

    private func opened() throws(SheafError) -> KafkaClient {
        if let client { return client }
        let client = try KafkaClient(.admin, options, ClientContext(logger))
        self.client = client
        return client
    }

    private func metadata(_ timeout: Duration) throws(SheafError) -> (brokers: [String], topics: Set<String>) {
        let client = try opened()
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client.pointer, 1, nil, &answer, timeout.wholeMilliseconds)
        // Serves waiting callbacks, which may hold the cause.
        rd_kafka_poll(client.pointer, 0)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
            throw client.reason(code).error("no Kafka broker responds at \(options.brokers)")
        }
        defer { rd_kafka_metadata_destroy(answer) }
        client.context.status.noteSuccess()
        let brokers = UnsafeBufferPointer(start: answer.pointee.brokers, count: Int(answer.pointee.broker_cnt))
        let topics = UnsafeBufferPointer(start: answer.pointee.topics, count: Int(answer.pointee.topic_cnt))
        return (
            brokers.map { "\(String(cString: $0.host)):\($0.port)" },
            Set(topics.filter { $0.err == RD_KAFKA_RESP_ERR_NO_ERROR }.map { String(cString: $0.topic) })
        )
    }
}

extension KafkaClient {
    /// The cause, if a more precise one than a time-out is known.
    fileprivate func reason(_ code: rd_kafka_resp_err_t) -> rd_kafka_resp_err_t { context.status.reason ?? code }
}
