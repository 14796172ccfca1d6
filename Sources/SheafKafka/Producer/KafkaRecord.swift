public import SheafCore

/// A record to publish.
public struct KafkaRecord: Hashable, Sendable {
    public let topic: String
    /// Records with the same key go to one partition and keep their order.
    public let key: [UInt8]?
    public let value: [UInt8]?
    public let headers: [SourceRecord.Header]

    public init(topic: String, key: [UInt8]?, value: [UInt8]?, headers: [SourceRecord.Header] = []) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
    }
}
