public import SheafCore

/// A record as it is published.
public struct KafkaRecord: Hashable, Sendable {
    public let topic: String
    /// Records of one key go to one partition and keep their order.
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
