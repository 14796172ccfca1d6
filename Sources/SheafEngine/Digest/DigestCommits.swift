import SheafCore

/// A digest, the dead letters stored with it, and what is counted afterwards.
struct PendingDigest: Sendable {
    let digest: Digest
    /// The letters of the events that it dead-letters.
    let deadLetters: [DeadLetter]
}

/// Makes digests durable; windows that are ready at the same time share a transaction.
final class DigestCommits: Sendable {
    /// The maximum number of events that one transaction ends, unless a single window has more.
    private static let maxEvents = 10_000

    private let commits: GroupCommit<PendingDigest, Bool>
    private let counters: StageCounters
    private let metrics: DigestMetrics

    init(catalog: LiveCatalog, store: any EventStore, counters: StageCounters) {
        self.counters = counters
        metrics = DigestMetrics(catalog: catalog)
        let weight = GroupCommit<PendingDigest, Bool>.Weight(limit: Self.maxEvents) { $0.digest.events.count }
        commits = GroupCommit(batch: 200, weight: weight) { pending in
            let done = try await store.transaction("digest") { transaction in
                let done = try transaction.digest(pending.map(\.digest))
                let letters = pending.filter { done.contains($0.digest.id) }.flatMap(\.deadLetters)
                if !letters.isEmpty { try transaction.insert(letters) }
                return done
            }
            return pending.map { done.contains($0.digest.id) }
        }
    }

    /// - Returns: whether the digest ended its window; `false` if the window has changed since it was read.
    func submit(_ pending: PendingDigest) async throws -> Bool {
        guard try await commits.submit([pending]).first == true else { return false }
        count(pending)
        return true
    }

    private func count(_ pending: PendingDigest) {
        let digest = pending.digest
        metrics.count(digest, pending.deadLetters)
        for status in [EventStatus.suppressed, .dead] {
            counters.finished(status, digest.exceptions.count { $0.status == status })
        }
        guard digest.eventCount > 0 else { return }
        if digest.reason == nil {
            counters.composed(1)
            counters.finished(.processed, digest.eventCount)
        } else {
            counters.finished(.suppressed, digest.eventCount)
        }
    }
}
