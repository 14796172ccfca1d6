import Synchronization

/// How many statements and transactions this process ran, for the benchmark.
public enum StatementCount {
    private static let statementCount = Atomic<Int>(0)
    private static let transactionCount = Atomic<Int>(0)

    public static var statements: Int { statementCount.load(ordering: .relaxed) }
    public static var transactions: Int { transactionCount.load(ordering: .relaxed) }

    static func add() { statementCount.wrappingAdd(1, ordering: .relaxed) }
    static func addTransaction() { transactionCount.wrappingAdd(1, ordering: .relaxed) }
}
