/// A stage of the way of an event that is counted; the raw value is shown.
public enum Stage: String, Hashable, Sendable, CaseIterable {
    /// Events accepted.
    case ingested
    /// Events that ended in a notification.
    case processed
    /// Events that ended without one.
    case suppressed
    /// Events that were dead-lettered.
    case dead
    /// Notifications composed.
    case notifications
    /// Notifications the gateway took.
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

/// The counts of the stages at one moment.
public struct StageSnapshot: Hashable, Sendable {
    /// Since the process started.
    public let totals: StageCounts
    /// A second, over about the last ten seconds.
    public let rates: [Stage: Double]

    public init(totals: StageCounts = StageCounts(), rates: [Stage: Double] = [:]) {
        self.totals = totals
        self.rates = rates
    }

    /// What two processes did together.
    public static func + (left: StageSnapshot, right: StageSnapshot) -> StageSnapshot {
        var totals = left.totals
        for stage in Stage.allCases { totals[stage] += right.totals[stage] }
        return StageSnapshot(totals: totals, rates: left.rates.merging(right.rates, uniquingKeysWith: +))
    }
}
