import Synchronization

/// How many round trips to Redis this process made, for the benchmark.
public enum RoundTripCount {
    private static let count = Atomic<Int>(0)

    public static var value: Int { count.load(ordering: .relaxed) }

    static func add() { count.wrappingAdd(1, ordering: .relaxed) }
}
