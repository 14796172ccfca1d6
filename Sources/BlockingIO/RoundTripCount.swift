import Synchronization

/// How often this process asked a server, for the benchmark.
public struct RoundTripCount: Hashable, Sendable {
    /// Times something was sent and the answer awaited.
    public let roundTrips: Int
    /// Statements or commands, those that begin and end transactions among them.
    public let statements: Int
    /// Transactions that were begun; single statements outside of any are not counted.
    public let transactions: Int
}

/// Counts for ``RoundTripCount``; a driver has one.
public final class RoundTripCounter: Sendable {
    private let roundTrips = Atomic<Int>(0)
    private let statements = Atomic<Int>(0)
    private let transactions = Atomic<Int>(0)

    public init() {}

    /// What was counted so far.
    public var count: RoundTripCount {
        RoundTripCount(
            roundTrips: roundTrips.load(ordering: .relaxed), statements: statements.load(ordering: .relaxed),
            transactions: transactions.load(ordering: .relaxed))
    }

    /// Counts a round trip with so many statements.
    public func add(statements count: Int) {
        roundTrips.wrappingAdd(1, ordering: .relaxed)
        statements.wrappingAdd(count, ordering: .relaxed)
    }

    public func addTransaction() { transactions.wrappingAdd(1, ordering: .relaxed) }
}
