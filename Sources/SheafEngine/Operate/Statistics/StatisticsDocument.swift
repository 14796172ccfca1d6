public import SheafCore

/// Statistics of what Sheaf did and what is left to do.
public struct StatisticsDocument: Encodable, Sendable {
    /// The counts of all running processes' stages; `nil` if this process has none.
    public let stages: StageSnapshot?
    public let store: StoreStatistics
    /// Messages that wait in the queue.
    public let queueBacklog: Int
    public let openWindows: Int
    /// How long the oldest unprocessed work has been due; zero if there is none.
    public let oldestUnprocessed: Duration

    /// Messages that wait in the outbox.
    public var outboxBacklog: Int { store.backlog.values.reduce(0, +) }

    private enum CodingKeys: String, CodingKey {
        case stages, unprocessed
        case outboxBacklog = "outbox_backlog"
        case queueBacklog = "queue_backlog"
        case openWindows = "open_windows"
        case pendingNotifications = "pending_notifications"
        case oldestUnprocessed = "oldest_unprocessed_seconds"
        case deadLetters = "dead_letters"
    }

    private struct StageDocument: Encodable {
        let total: Int
        let rate: Double
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(stageDocuments, forKey: .stages)
        try container.encode(outboxBacklog, forKey: .outboxBacklog)
        try container.encode(queueBacklog, forKey: .queueBacklog)
        try container.encode(openWindows, forKey: .openWindows)
        try container.encode(store.pendingNotifications, forKey: .pendingNotifications)
        try container.encode(store.newEvents, forKey: .unprocessed)
        try container.encode(Self.rounded(oldestUnprocessed.seconds), forKey: .oldestUnprocessed)
        try container.encode(store.deadLetters, forKey: .deadLetters)
    }

    private var stageDocuments: [String: StageDocument]? {
        stages.map { stages in
            let documents = Stage.allCases.map { stage in
                (
                    stage.rawValue,
                    StageDocument(total: stages.totals[stage], rate: Self.rounded(stages.rates[stage] ?? 0))
                )
            }
            return Dictionary(uniqueKeysWithValues: documents)
        }
    }

    /// Rounded to thousandths.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension Operations {
    /// Counts and rates of every stage, and the work that is left.
    public func statistics() async throws -> StatisticsDocument {
        let statistics = try await store.statistics()
        let windows = try await countOpenWindows()
        let backlog = try await queueBacklog?() ?? statistics.backlog.values.reduce(0, +)
        let age = statistics.oldestDueAt.map { max(.zero, clock.now - $0) } ?? .zero
        return StatisticsDocument(
            stages: try await stages(), store: statistics, queueBacklog: backlog, openWindows: windows,
            oldestUnprocessed: age)
    }

    /// The current counts of this process, and the last reports of the others.
    private func stages() async throws -> StageSnapshot? {
        guard let counts else { return nil }
        let others = try await reports?.others() ?? StageSnapshot()
        return counts.snapshot() + others
    }
}
