/// The brokers of a Kafka cluster.
public struct KafkaURL: Hashable, Sendable, CustomStringConvertible {
    /// `host:port` of each broker; at least one.
    public let brokers: [String]

    /// - Returns: `nil` if `text` is not `kafka://host:port[,host:port]`.
    public init?(_ text: String) { try? self.init(entries: RawValue.text(text).entries) }

    /// - Parameter entries: the brokers, the first with the scheme.
    init(entries: [String]) throws(Rejection) {
        var brokers: [String] = []
        for entry in entries {
            let prefix = "kafka://"
            let address = brokers.isEmpty || entry.hasPrefix(prefix) ? entry : prefix + entry
            guard let parts = AddressParts(address, schemes: ["kafka"]), let port = parts.port, port > 0, parts.isPlain,
                parts.path.isEmpty
            else {
                throw Rejection("broker \(brokers.count + 1) is not host:port; write kafka://host:port[,host:port]")
            }
            brokers.append(String(address.dropFirst(prefix.count)))
        }
        self.brokers = brokers
    }

    /// `host:port,host:port`, for librdkafka's `bootstrap.servers`.
    public var bootstrapServers: String { brokers.joined(separator: ",") }
    public var description: String { "kafka://\(bootstrapServers)" }
}
