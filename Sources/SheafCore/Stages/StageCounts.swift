/// A counted stage on the path of an event; the raw value is shown.
public enum Stage: String, Hashable, Sendable, CaseIterable {
    /// Events accepted.
    case ingested
    /// Events that ended in a notification.
    case processed
    /// Events that ended as suppressed.
    case suppressed
    /// Events that were dead-lettered.
    case dead
    /// Notifications composed.
    case notifications
    /// Notifications that the gateway accepted.
    case delivered
    /// Notifications that failed.
    case failed
}

/// A number for each stage.
public struct StageCounts: Hashable, Sendable {
    public var ingested = 0
    public var processed = 0
    public var suppressed = 0
    public var dead = 0
    public var notifications = 0
    public var delivered = 0
    public var failed = 0

    public init() {}

    public subscript(stage: Stage) -> Int {
        get { self[keyPath: Self.member(stage)] }
        set { self[keyPath: Self.member(stage)] = newValue }
    }

    private static func member(_ stage: Stage) -> WritableKeyPath<StageCounts, Int> {
        switch stage {
        case .ingested: \.ingested
        case .processed: \.processed
        case .suppressed: \.suppressed
        case .dead: \.dead
        case .notifications: \.notifications
        case .delivered: \.delivered
        case .failed: \.failed
        }
    }
}

/// A process's stage counts at one moment.
public struct StageSnapshot: Hashable, Sendable {
    /// Counted since the process started.
    public let totals: StageCounts
    /// Per second, over about the last ten seconds.
    public let rates: [Stage: Double]

    public init(totals: StageCounts = StageCounts(), rates: [Stage: Double] = [:]) {
        self.totals = totals
        self.rates = rates
    }

    /// The sum of two processes' counts.
    public static func + (left: StageSnapshot, right: StageSnapshot) -> StageSnapshot {
        var totals = left.totals
        for stage in Stage.allCases { totals[stage] += right.totals[stage] }
        return StageSnapshot(totals: totals, rates: left.rates.merging(right.rates, uniquingKeysWith: +))
    }
}
