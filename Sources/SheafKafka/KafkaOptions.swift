public import SheafCore

/// How Kafka is reached and used.
public struct KafkaOptions: Sendable {
    /// `host:port` of brokers, separated by commas; the others are found through them.
    public var brokers: String
    /// The name under which the brokers know this program.
    public var clientID: String
    /// The consumer group of the databus; the queue's are named after it, one a topic.
    public var group: String
    /// Stands before the names of the queue's topics.
    public var topicPrefix: String
    /// Settings of librdkafka by their names there
    /// (https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md), TLS and SASL among them. They
    /// override those that Sheaf sets, but for the few that its promises rest on, which are refused.
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

    /// Looks whether librdkafka takes all of the settings; needs no broker.
    ///
    /// - Throws: ``SheafError`` `invalid` that names the setting as `kafka.options.NAME`, without its value.
    public func validate() throws(SheafError) {
        for kind in [KafkaClient.Kind.producer, .consumer(group: group)] {
            let configuration = try ClientConfiguration(kind, self)
            configuration.discard()
        }
    }

    /// The name of one of the queue's topics on the brokers.
    public func topicName(_ topic: Topic) -> String { topicPrefix + topic.rawValue }

    /// The group whose members share one of the queue's topics. Each topic has its own, so that a consumer that comes
    /// or goes stops the flow of its own topic only.
    public func groupName(_ topic: Topic) -> String { "\(group).\(topic.rawValue)" }
}
