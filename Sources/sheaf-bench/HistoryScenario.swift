import SheafCore

/// The cost of a long history: the whole path on a store with many ended events, compared with an empty store,
/// alternating.
enum HistoryScenario {
    private static let pairs = 5
    private static let part = 200_000

    /// - Parameter events: the events in the store before the measurement.
    /// - Returns: the speed relative to an empty store, the median of the pairs.
    static func run(on backend: Backend, events: Int, hasRandomIDs: Bool) async throws -> Double {
        try await Workbench(on: backend, window: .seconds(1)).use { bench in
            try await WholeWay.warmUp(bench)
            var count = 0
            func rate(of part: Int) async throws -> Double {
                defer { count += part }
                return try await WholeWay.rate(of: count..<count + part, hasRandomIDs: hasRandomIDs, on: bench)
            }
            _ = try await rate(of: events)
            var ratios: [Double] = []
            for _ in 0..<pairs {
                let empty = try await WholeWay.run(on: backend, events: part, hasRandomIDs: hasRandomIDs).rate
                ratios.append(try await rate(of: part) / empty)
            }
            return ratios.sorted()[pairs / 2]
        }
    }
}
