import Synchronization

/// How many round trips to PostgreSQL and transactions this process made, for the benchmark.
public enum RoundTripCount {
    private static let roundTripCount = Atomic<Int>(0)
    private static let statementCount = Atomic<Int>(0)
    private static let transactionCount = Atomic<Int>(0)

    /// Times something was sent and the answer awaited.
    public static var roundTrips: Int { roundTripCount.load(ordering: .relaxed) }
    /// Statements, those that begin and end transactions among them.
    public static var statements: Int { statementCount.load(ordering: .relaxed) }
    /// Transactions that were begun; single statements outside of any are not counted.
    public static var transactions: Int { transactionCount.load(ordering: .relaxed) }

    static func add(statements: Int) {
        roundTripCount.wrappingAdd(1, ordering: .relaxed)
        statementCount.wrappingAdd(statements, ordering: .relaxed)
    }

    static func addTransaction() { transactionCount.wrappingAdd(1, ordering: .relaxed) }
}
