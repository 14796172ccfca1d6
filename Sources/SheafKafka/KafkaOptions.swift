public import SheafCore

/// How to connect to Kafka and use it.
public struct KafkaOptions: Sendable {
    /// `host:port` of some brokers, separated by commas; the client finds the others through them.
    public var brokers: String
    /// The name of this program in the brokers' logs and metrics.
    public var clientID: String
    /// The consumer group for the databus; the queue's groups are named after it, one for each topic.
    public var group: String
    /// The prefix of the queue's topics.
    public var topicPrefix: String
    /// Settings of librdkafka by their names there
    /// (https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md), TLS and SASL among them. They
    /// override Sheaf's settings, except for the few on which its guarantees depend; those are refused.
    public var options: [String: String]

    public init(
        brokers: String, clientID: String = "sheaf", group: String = "sheaf", topicPrefix: String = "",
        options: [String: String] = [:]
    ) {
        self.brokers = brokers
        self.clientID = clientID
        self.group = group
        self.topicPrefix = topicPrefix
        self.options = options
    }

    /// Checks that librdkafka accepts all settings; needs no broker.
    ///
    /// - Throws: ``SheafError`` `invalid`, which names the setting as `kafka.options.NAME`, without its value.
    public func validate() throws(SheafError) {
        for kind in [KafkaClient.Kind.producer, .consumer(group: group)] {
            let configuration = try ClientConfiguration(kind, self)
            configuration.discard()
        }
    }

    /// The name of one of the queue's topics in Kafka.
    public func topicName(_ topic: Topic) -> String { topicPrefix + topic.rawValue }

    /// The consumer group of one of the queue's topics. Each topic has its own, so that a consumer that joins or leaves
    /// interrupts only its own topic.
    public func groupName(_ topic: Topic) -> String { "\(group).\(topic.rawValue)" }
}
