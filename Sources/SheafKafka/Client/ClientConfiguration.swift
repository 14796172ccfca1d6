import CRdKafka
import SheafCore

/// The settings of one client for librdkafka: Sheaf's own, overridden by the user's, overridden by the required ones.
struct ClientConfiguration {
    /// Settings that users may not change, since other values would lose or duplicate messages, with the reasons.
    private static let refused: [String: String] = [
        "enable.auto.commit": "messages are committed when they are durable",
        "auto.commit.enable": "messages are committed when they are durable",
        "enable.auto.offset.store": "messages are committed when they are durable",
        "enable.idempotence": "the producer is always idempotent",
        "acks": "the producer always waits for all replicas in sync",
        "request.required.acks": "the producer always waits for all replicas in sync",
        "transactional.id": "the producer uses no transactions",
        "delivery.report.only.error": "the producer waits for each report",
        "group.id": "set kafka.group",
    ]

    let pointer: OpaquePointer

    init(_ kind: KafkaClient.Kind, _ options: KafkaOptions) throws(SheafError) {
        for name in options.options.keys.sorted() {
            if let reason = Self.refused[name] { throw Self.error(name, "may not be set: \(reason)") }
        }
        try Self.checkAssignment(options)
        pointer = rd_kafka_conf_new()
        do throws(SheafError) {
            for (name, value) in Self.own(kind, options) { try set(name, value) }
            for (name, value) in Self.recent(kind) { try set(name, value, mayBeUnknown: true) }
            for (name, value) in options.options.sorted(by: { $0.key < $1.key }) { try set(name, value) }
            for (name, value) in Self.needed(kind) { try set(name, value) }
        } catch {
            discard()
            throw error
        }
    }

    /// Frees the settings. Do not call it after a client was created from them: the client then owns them.
    func discard() { rd_kafka_conf_destroy(pointer) }

    private func set(_ name: String, _ value: String, mayBeUnknown: Bool = false) throws(SheafError) {
        // The library's own message would quote the value, which may be a password.
        switch rd_kafka_conf_set(pointer, name, value, nil, 0) {
        case RD_KAFKA_CONF_OK: return
        case RD_KAFKA_CONF_UNKNOWN where mayBeUnknown: return
        case RD_KAFKA_CONF_UNKNOWN: throw Self.error(name, "librdkafka does not know this setting")
        default: throw Self.error(name, "librdkafka does not accept this value")
        }
    }

    /// Before librdkafka 2.3 the cooperative protocol could crash the process
    /// (https://github.com/confluentinc/librdkafka/issues/4312).
    private static func checkAssignment(_ options: KafkaOptions) throws(SheafError) {
        let name = "partition.assignment.strategy"
        guard options.options[name]?.contains("cooperative-sticky") == true, rd_kafka_version() < 0x0203_0000 else {
            return
        }
        throw error(name, "cooperative-sticky needs librdkafka 2.3; this is \(String(cString: rd_kafka_version_str()))")
    }

    private static func error(_ name: String, _ message: String) -> SheafError {
        SheafError(.invalid, field: "kafka.options.\(name)", message)
    }
}

// MARK: - Sheaf's settings

extension ClientConfiguration {
    private static func own(_ kind: KafkaClient.Kind, _ options: KafkaOptions) -> [(String, String)] {
        let common = [
            ("bootstrap.servers", options.brokers),
            ("client.id", options.clientID),
            // Brokers close idle connections; this is not worth a log line.
            ("log.connection.close", "false"),
            // A new topic is noticed within this time.
            ("topic.metadata.refresh.interval.ms", "30000"),
            ("reconnect.backoff.ms", "100"),
            ("reconnect.backoff.max.ms", "2000"),
            // Small packets are sent at once.
            ("socket.nagle.disable", "true"),
        ]
        switch kind {
        case .producer:
            return common + [
                // Publishers wait for the acknowledgement, so waiting to fill a request only costs time.
                ("linger.ms", "1"),
                ("message.timeout.ms", "30000"),
                // The partitioner of Java clients.
                ("partitioner", "murmur2_random"),
                ("queue.buffering.max.messages", "100000"),
                ("queue.buffering.max.kbytes", "65536"),
            ]
        case .consumer(let group):
            return common + [
                ("group.id", group),
                // A killed consumer is detected after this time. Some brokers complete a group only after half of it.
                ("session.timeout.ms", "6000"),
                ("auto.offset.reset", "earliest"),
                ("allow.auto.create.topics", "true"),
                // The limits of the library's own buffer, which is in front of Sheaf's; together they limit the memory.
                ("queued.min.messages", "50000"),
                ("queued.max.messages.kbytes", "32768"),
            ]
        case .admin: return common
        }
    }

    /// A setting that exists since librdkafka 2.2. Without it, a consumer that emptied its full buffer waits longer.
    private static func recent(_ kind: KafkaClient.Kind) -> [(String, String)] {
        if case .consumer = kind { [("fetch.queue.backoff.ms", "100")] } else { [] }
    }

    private static func needed(_ kind: KafkaClient.Kind) -> [(String, String)] {
        switch kind {
        case .producer: [("enable.idempotence", "true")]
        case .consumer: [("enable.auto.commit", "false"), ("enable.auto.offset.store", "false")]
        case .admin: []
        }
    }
}
