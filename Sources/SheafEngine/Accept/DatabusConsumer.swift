internal import AsyncAlgorithms
internal import DequeModule
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Takes events from business topics: stores each batch, dead-letters the records it cannot read, and only then commits
/// the batch. It stores one batch while it receives and reads the next.
///
/// A batch that could not be stored is kept. The next run of the consumer stores it first, since the source does not
/// deliver it a second time.
public final class DatabusConsumer: Sendable {
    /// The name of this intake in metrics.
    static let intake = "databus"
    private static let batch = lanes * DatabusReader.maximumEvents
    /// How many transactions run at the same time. All events of a recipient use one lane, so they stay in order.
    private static let lanes = 2

    private let source: any EventSource
    private let ingest: Ingest
    private let store: any EventStore
    /// Records that were received but are not committed yet.
    private let unfinished = Mutex<Deque<[SourceRecord]>>([])

    public init(_ source: any EventSource, ingest: Ingest, store: any EventStore) {
        self.source = source
        self.ingest = ingest
        self.store = store
    }

    /// Runs until the task is cancelled or shuts down gracefully. It finishes a batch that it has received.
    public func run() async throws {
        let batches = AsyncChannel<Batch>()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                defer { batches.finish() }
                try await self.read(into: batches)
            }
            group.addTask {
                for await batch in batches {
                    try await self.store(batch)
                    try await self.source.commit(batch.records)
                    self.unfinished.withLock { _ = $0.popFirst() }
                }
                try Task.checkCancellation()
            }
        }
    }

    private struct Batch: Sendable {
        let records: [SourceRecord]
        let entries: [(record: SourceRecord, entry: RecordEntry)]
    }

    private func read(into batches: AsyncChannel<Batch>) async throws {
        for records in unfinished.withLock(\.self) { await batches.send(batch(of: records)) }
        while !Task.isShuttingDownGracefully {
            let records: [SourceRecord]
            do {
                records = try await cancelWhenGracefulShutdown { try await self.source.receive(limit: Self.batch) }
            } catch is CancellationError where Task.isShuttingDownGracefully {
                return
            }
            unfinished.withLock { $0.append(records) }
            await batches.send(batch(of: records))
        }
    }

    private func batch(of records: [SourceRecord]) -> Batch {
        let reader = DatabusReader(catalog: ingest.catalog.current)
        return Batch(
            records: records, entries: records.flatMap { record in reader.entries(in: record).map { (record, $0) } })
    }

    /// Stores the events of the records and dead-letters the rest. If this fails half-way, the records are handled
    /// again, and the events stored before are duplicates.
    private func store(_ batch: Batch) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for entries in lanes(of: batch.entries) { group.addTask { try await self.store(entries) } }
        }
        for record in batch.records where record.value == nil {
            ingest.skipped(topic: record.topic, source: Self.intake)
        }
    }

    private typealias Entries = [(record: SourceRecord, entry: RecordEntry)]

    private func lanes(of entries: Entries) -> [Entries] {
        entries.reduce(into: Array(repeating: [], count: Self.lanes)) { lanes, entry in
            let recipient = (try? entry.entry.entry.get())?.recipient ?? 0
            lanes[Int(UInt64(bitPattern: recipient) % UInt64(Self.lanes))].append(entry)
        }
    }

    /// Stores events in batches of at most as many as an HTTP request may hold.
    private func store(_ entries: Entries) async throws {
        var rest = entries[...]
        while !rest.isEmpty {
            let part = rest.prefix(DatabusReader.maximumEvents)
            rest = rest.dropFirst(part.count)
            let results = try await ingest.submit(part.map(\.entry.entry), source: Self.intake)
            try await store.refuse(zip(part, results).compactMap { RecordRefusal($0.0, $0.1, $1.status) })
        }
    }
}

extension RecordRefusal {
    /// - Returns: `nil` unless the entry was rejected.
    fileprivate init?(_ record: SourceRecord, _ entry: RecordEntry, _ status: IngestResult.Status) {
        guard case .rejected(let error) = status else { return nil }
        let record = record.replacing(value: entry.value)
        self.init(
            record, index: entry.index, reason: error.code.rawValue,
            error: (error.field.map { "\($0): " } ?? "") + error.message,
            recipient: (try? entry.entry.get())?.recipient ?? record.likelyRecipient)
    }
}

extension SourceRecord {
    fileprivate func replacing(value: [UInt8]) -> SourceRecord {
        SourceRecord(
            topic: topic, partition: partition, offset: offset, key: key, value: value, headers: headers,
            timestamp: timestamp)
    }

    /// How much of a record's value its dead letter keeps for operators to look at, in bytes.
    private static var shownBytes: Int { 65_536 }

    /// The dead letter of an unusable record; only its producer can send it again. Reading the record again gives the
    /// same letter.
    ///
    /// - Parameters:
    ///   - index: the position in the batch, if the record is a batch.
    ///   - error: what is wrong with the record; never holds its content.
    ///   - recipient: whom the record is about. Erasing this recipient erases the letter.
    func deadLetter(
        index: Int?, reason: String, _ error: String, recipient: RecipientID?, at now: Timestamp
    ) -> DeadLetter {
        let event = index.map { ", event \($0)" } ?? ""
        return DeadLetter(
            id: deadLetterID(index), topic: topic, reason: reason,
            error: "partition \(partition), offset \(offset)\(event): \(error)",
            message: String(decoding: (value ?? []).prefix(Self.shownBytes), as: UTF8.self)
                .replacing("\0", with: "\u{FFFD}"),
            body: nil, recipient: recipient, failedAt: now)
    }

    /// Derived from the record's timestamp and position. If a reader is killed before its commit, it dead-letters the
    /// record only once.
    private func deadLetterID(_ index: Int?) -> DeadLetterID {
        let place = [Int64(partition), offset] + (index.map { [Int64($0)] } ?? [])
        let words = place.map { UInt64(bitPattern: $0) }
        let (first, second) = (
            Self.hash(topic, words, seed: 0xCBF2_9CE4_8422_2325), Self.hash(topic, words, seed: 0x9E37_79B9_7F4A_7C15)
        )
        let milliseconds = UInt64(clamping: max(0, timestamp?.milliseconds ?? 0)) & 0xFFFF_FFFF_FFFF
        return DeadLetterID(
            high: milliseconds << 16 | 0x7000 | first >> 52,
            low: second & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    /// FNV-1a (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv), which is the same in every process.
    private static func hash(_ topic: String, _ words: [UInt64], seed: UInt64) -> UInt64 {
        func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return words.reduce(topic.utf8.reduce(seed, step)) { hash, word in
            stride(from: UInt64(0), to: 64, by: 8).reduce(hash) { step($0, UInt8(truncatingIfNeeded: word >> $1)) }
        }
    }
}
