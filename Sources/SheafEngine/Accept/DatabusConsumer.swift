import ServiceLifecycle
public import SheafCore
import Synchronization

/// Takes events from business topics: stores each batch, puts what cannot be read among the dead letters, and only then
/// commits it.
///
/// A batch that could not be stored is kept and tried again first when the consumer is run anew, since the source does
/// not hand it out a second time.
public final class DatabusConsumer: Sendable {
    /// What the metrics call this intake.
    static let intake = "databus"
    private static let batch = 500

    private let source: any EventSource
    private let ingest: Ingest
    private let store: any EventStore
    private let reader = DatabusReader()
    private let unfinished = Mutex<[SourceRecord]>([])

    public init(_ source: any EventSource, ingest: Ingest, store: any EventStore) {
        self.source = source
        self.ingest = ingest
        self.store = store
    }

    /// Works until the task is cancelled or shuts down gracefully; a batch once begun is finished.
    public func run() async throws {
        while !Task.isShuttingDownGracefully {
            if unfinished.withLock(\.isEmpty) {
                do {
                    let records = try await cancelWhenGracefulShutdown {
                        try await self.source.receive(limit: Self.batch)
                    }
                    unfinished.withLock { $0 = records }
                } catch is CancellationError where Task.isShuttingDownGracefully {
                    return
                }
            }
            let records = unfinished.withLock(\.self)
            try await take(records)
            try await source.commit(records)
            unfinished.withLock { $0 = [] }
        }
    }

    private func take(_ records: [SourceRecord]) async throws {
        let entries = records.map(reader.event(in:))
        let results = try await ingest.submit(entries, source: Self.intake)
        try await store.refuse(
            zip(zip(records, entries), results).compactMap { read, result in
                let (record, entry) = read
                guard case .rejected(let error) = result.status else { return nil }
                return RecordRefusal(
                    record, reason: error.code.rawValue, error: (error.field.map { "\($0): " } ?? "") + error.message,
                    recipient: (try? entry.get())?.recipient ?? record.likelyRecipient)
            })
    }
}

extension SourceRecord {
    /// The longest part of a record's value that is kept for people to look at.
    private static var shownBytes: Int { 65_536 }

    /// The dead letter of a record that cannot be used; only its producer can send it again. However often the record is
    /// read, the letter is the same one.
    ///
    /// - Parameters:
    ///   - error: what is wrong with it, in words and without its content.
    ///   - recipient: whom it is about; its letter is erased with all else that is theirs.
    func deadLetter(reason: String, _ error: String, recipient: RecipientID?, at now: Timestamp) -> DeadLetter {
        DeadLetter(
            id: deadLetterID, topic: topic, reason: reason,
            error: "partition \(partition), offset \(offset): \(error)",
            message: String(decoding: (value ?? []).prefix(Self.shownBytes), as: UTF8.self)
                .replacing("\0", with: "\u{FFFD}"),
            body: nil, recipient: recipient, failedAt: now)
    }

    /// Made of when the record was written and where it stands, so that a reader that was killed before its commit gives
    /// the same record up only once.
    private var deadLetterID: DeadLetterID {
        let words = [UInt64(bitPattern: Int64(partition)), UInt64(bitPattern: offset)]
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
