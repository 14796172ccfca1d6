internal import BlockingIO
import CRdKafka
public import Logging
public import SheafCore

/// Asks the brokers about themselves, and makes topics.
public actor KafkaAdmin {
    /// A partition is read by one worker of a group at a time, so these are the most that share a topic.
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

    /// Asks for the brokers that are up, as `host:port`.
    ///
    /// - Throws: ``SheafError`` `unavailable` if none answers within `timeout`.
    public func check(timeout: Duration = .seconds(5)) throws(SheafError) -> [String] {
        try metadata(timeout).brokers
    }

    /// Makes the topics that are missing. Brokers that make topics by themselves, or forbid it, are left to it.
    ///
    /// - Parameter replication: at most 3 and as many as there are brokers, if it is `nil`.
    /// - Throws: ``SheafError`` `unavailable` if no broker answers.
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
            case RD_KAFKA_RESP_ERR_NO_ERROR: logger.notice("a topic was made", metadata: ["topic": "\(topic)"])
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: continue
            default:
                logger.warning(
                    "a topic is missing and could not be made; it is left to the brokers",
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
        // Has the callbacks come that wait, which may tell what is wrong.
        rd_kafka_poll(client.pointer, 0)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let answer else {
            throw client.reason(code).error("no broker of Kafka answers at \(options.brokers)")
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
    /// A more telling reason than a time-out, if one is known.
    fileprivate func reason(_ code: rd_kafka_resp_err_t) -> rd_kafka_resp_err_t { context.status.reason ?? code }
}
