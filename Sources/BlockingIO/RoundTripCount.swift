import Synchronization

/// How many requests this process sent to a server, for the benchmark.
public struct RoundTripCount: Hashable, Sendable {
    /// How many times something was sent and a response awaited.
    public let roundTrips: Int
    /// Statements or commands, including those that begin and end transactions.
    public let statements: Int
    /// Transactions that were begun; single statements outside of transactions are not counted.
    public let transactions: Int
}

/// Counts for ``RoundTripCount``; each driver has one.
public final class RoundTripCounter: Sendable {
    private let roundTrips = Atomic<Int>(0)
    private let statements = Atomic<Int>(0)
    private let transactions = Atomic<Int>(0)

    public init() {}

    /// The count so far.
    public var count: RoundTripCount {
        RoundTripCount(
            roundTrips: roundTrips.load(ordering: .relaxed), statements: statements.load(ordering: .relaxed),
            transactions: transactions.load(ordering: .relaxed))
    }

    /// Counts a round trip with this many statements.
    public func add(statements count: Int) {
        roundTrips.wrappingAdd(1, ordering: .relaxed)
        statements.wrappingAdd(count, ordering: .relaxed)
    }

    public func addTransaction() { transactions.wrappingAdd(1, ordering: .relaxed) }
}
