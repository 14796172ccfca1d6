/// Business events of other systems, in partitions that are each read in order.
public protocol EventSource: Sendable {
    /// The next records, at least one and at most `limit`; waits for them.
    ///
    /// A record is delivered again only after its partition was revoked and assigned again, or in another process.
    /// - Throws: `CancellationError` if the task is cancelled while it waits.
    func receive(limit: Int) async throws -> [SourceRecord]

    /// Records that these records, and all before them in their partitions, are durable here.
    ///
    /// Records of a partition that was revoked meanwhile are skipped: the new owner of the partition reads them again.
    func commit(_ records: [SourceRecord]) async throws
}

/// A record of an event source.
public struct SourceRecord: Hashable, Sendable {
    public struct Header: Hashable, Sendable {
        public let name: String
        public let value: [UInt8]

        public init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let key: [UInt8]?
    /// `nil` for a record without a value (a tombstone).
    public let value: [UInt8]?
    public let headers: [Header]
    /// When the record was written, by the clock of the source.
    public let timestamp: Timestamp?

    public init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8]?, value: [UInt8]?, headers: [Header],
        timestamp: Timestamp?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}
