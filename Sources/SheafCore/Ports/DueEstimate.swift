/// How much of what is stored is due, judged from a bounded number of rows.
///
/// A store reads rows that are due, and if these are too many, rows that are not due yet. If either end is read as a
/// whole the answer is exact, since the total is known. Otherwise what lies between is taken to be spread evenly over
/// the time from the first moment to the last, so the estimate lies between what was read at both ends, and grows with
/// the total and with time.
public struct DueEstimate: Sendable {
    /// To how many rows it is exact. One more is read, to know whether there are more.
    public static let limit = 10_000

    /// What was read at one end.
    public struct Sample: Hashable, Sendable {
        let rows: Int
        /// What the rows stand for: events of windows, or the rows themselves.
        public let sum: Int

        public init(rows: Int, sum: Int) {
            self.rows = rows
            self.sum = sum
        }

        public init(rows: Int) { self.init(rows: rows, sum: rows) }

        /// Whether there is no more than this.
        public var isWhole: Bool { rows <= DueEstimate.limit }
    }

    private let due: Sample
    private let later: Sample
    private let total: Int

    /// - Parameters:
    ///   - due: rows that are due.
    ///   - later: rows that are not.
    ///   - total: what all rows stand for.
    public init(due: Sample, later: Sample, total: Int) {
        self.due = due
        self.later = later
        self.total = total
    }

    /// What is due at a moment.
    /// - Parameters:
    ///   - first: when the first row is due.
    ///   - last: when the last one is.
    public func sum(at now: Timestamp, from first: Timestamp?, to last: Timestamp?) -> Int {
        if due.isWhole { return due.sum }
        let most = max(due.sum, total - later.sum)
        guard !later.isWhole, let first, let last, first < last else { return most }
        let share = Double((now - first).microseconds) / Double((last - first).microseconds)
        return due.sum + Int(Double(most - due.sum) * min(1, max(0, share)))
    }
}
