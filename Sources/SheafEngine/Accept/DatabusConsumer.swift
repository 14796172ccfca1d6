internal import AsyncAlgorithms
internal import DequeModule
import ServiceLifecycle
public import SheafCore
import Synchronization

/// Takes events from business topics: stores each batch, puts what cannot be read among the dead letters, and only then
/// commits it. While one batch is being stored, the next is received and read.
///
/// A batch that could not be stored is kept and tried again first when the consumer is run anew, since the source does
/// not hand it out a second time.
public final class DatabusConsumer: Sendable {
    /// What the metrics call this intake.
    static let intake = "databus"
    private static let batch = lanes * DatabusReader.maximumEvents
    /// Transactions at the same time. A recipient's events stay in one lane, and so in order.
    private static let lanes = 2

    private let source: any EventSource
    private let ingest: Ingest
    private let store: any EventStore
    /// What was received and is not committed yet.
    private let unfinished = Mutex<Deque<[SourceRecord]>>([])

    public init(_ source: any EventSource, ingest: Ingest, store: any EventStore) {
        self.source = source
        self.ingest = ingest
        self.store = store
    }

    /// Works until the task is cancelled or shuts down gracefully; a batch once received is finished.
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

    /// Stores what the records hold and puts the rest among the dead letters. If that fails half-way, the records are
    /// taken again, and what was stored is a duplicate.
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

    /// Stores as many events at a time as a request over HTTP may hold.
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

    /// The longest part of a record's value that is kept for people to look at.
    private static var shownBytes: Int { 65_536 }

    /// The dead letter of a record that cannot be used; only its producer can send it again. However often the record is
    /// read, the letter is the same one.
    ///
    /// - Parameters:
    ///   - index: the place in the batch that the record is, if it is one.
    ///   - error: what is wrong with it, in words and without its content.
    ///   - recipient: whom it is about; its letter is erased with all else that is theirs.
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

    /// Made of when the record was written and where it stands, so that a reader that was killed before its commit gives
    /// the same record up only once.
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
