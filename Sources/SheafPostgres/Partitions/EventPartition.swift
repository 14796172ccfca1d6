import SheafCore

/// The events that are removed in batches: those older than `before`, and those that are not older than `from`.
struct EventBatches: Equatable {
    let before: EventID
    let from: EventID
}

/// A partition of the table `events`: a range of their identifiers, which are as old as the events.
///
/// Together the partitions hold all identifiers there can be, whatever a clock says: the first has no lower bound and
/// the last no upper one, and bounds are moved in one transaction. The last begins in the future and is empty, unless
/// a clock is ahead, so that moving its bound up looks through nothing.
struct EventPartition: Equatable {
    let name: String
    /// `nil` for the first.
    let lower: EventID?
    /// What is not in it any more; `nil` for the last.
    let upper: EventID?

    /// What is set for each.
    static let storage: StaticString = "autovacuum_analyze_scale_factor = 0.02"

    /// How many there are at most.
    static let limit = 16
    /// Kept for a shorter time, events go in batches.
    static let shortestRetention = Duration.seconds(2 * 86_400)
    /// The narrowest are so wide.
    private static let narrowest: Int64 = 4
    /// Into how many retention is divided. Beside these there are the one that ends, the one that comes next, and the
    /// last.
    private static let parts: Int64 = 12
    private static let hour = Duration.seconds(3600).microseconds

    /// How much time one holds: whole hours.
    static func width(for retention: Duration) -> Duration {
        let hours = (retention.microseconds / hour).addingClamped(parts - 1) / parts
        return .microseconds(max(narrowest, hours) * hour)
    }

    /// The lower bound of the next last partition; `nil` as long as this last one begins late enough: the one before it
    /// has not begun.
    func nextBound(at now: Timestamp, width: Duration) -> EventID? {
        if let lower, lower > .lowerBound(at: now + width) { return nil }
        return Self.bound(after: max(now, lower?.timestamp ?? now), width: width)
    }

    /// The first bound that is later.
    static func bound(after moment: Timestamp, width: Duration) -> EventID {
        let number = moment.microseconds / width.microseconds + 1
        return .lowerBound(at: Timestamp(microseconds: number * width.microseconds))
    }

    /// The name of a partition that begins at this bound.
    static func name(of lower: EventID) -> String { "events_" + String(lower.high >> 16, radix: 16) }

    /// Whether all in it was made before `moment`.
    func isOver(by moment: Timestamp) -> Bool { upper.map { $0 <= .lowerBound(at: moment) } ?? false }

    /// Its bounds as they stand in a statement.
    var values: String {
        "FOR VALUES FROM (\(lower.map { "'\($0)'" } ?? "MINVALUE")) TO (\(upper.map { "'\($0)'" } ?? "MAXVALUE"))"
    }

    /// What holds for the identifiers in it, which are in this column.
    func condition(on column: String = "id") -> String {
        let bounds = [lower.map { "\(column) >= '\($0)'" }, upper.map { "\(column) < '\($0)'" }].compactMap(\.self)
        return bounds.isEmpty ? "true" : bounds.joined(separator: " AND ")
    }

    /// What goes in batches, given the partitions in order; `nil` if all does.
    ///
    /// Windows in a partition that is not over wait for its end, to go with it. Once it is over and could not be
    /// dropped, or if it is much wider than usual, row by row is better than not. What is in the last partition was
    /// made by a clock that was ahead, or nobody could make others, so waiting for its end could take for ever.
    static func batches(
        of partitions: [EventPartition], before moment: Timestamp, retention: Duration
    ) -> EventBatches? {
        guard retention >= shortestRetention, let last = partitions.last?.lower else { return nil }
        let old = EventID.lowerBound(at: moment - width(for: retention) * 2)
        let over = partitions.filter { $0.isOver(by: moment) }.compactMap(\.upper)
        return EventBatches(before: over.reduce(old, max), from: last)
    }
}
