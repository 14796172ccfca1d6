import SheafCore
import SheafEngine

/// Events from the in-process intake to a gateway that accepts everything.
enum WholeWay {
    struct Figures {
        let rate: Double
        /// Microseconds of this process for each event.
        let cpu: Double
        /// For each event.
        let statements: Double
        let transactions: Double
        let roundTrips: Double
        let redisRoundTrips: Double
    }

    private static let producers = 4
    private static let batch = 500

    /// - Parameters:
    ///   - perWindow: the number of events in a window.
    ///   - type: the type of the events.
    ///   - hasRandomIDs: whether producer ids are random instead of growing.
    static func run(
        on backend: Backend = .sqlite, events: Int, perWindow: Int = 10, type: String = "sale_item_changed",
        hasRandomIDs: Bool = false
    ) async throws -> Figures {
        try await Workbench(on: backend, window: .seconds(1)).use { bench in
            try await warmUp(bench)
            let (cpu, before) = (Usage.cpu, backend.counts)
            let rate = try await rate(
                of: 0..<events, perWindow: perWindow, type: type, hasRandomIDs: hasRandomIDs, on: bench)
            let (count, used) = (Double(events), backend.counts - before)
            return Figures(
                rate: rate, cpu: (Usage.cpu - cpu) / count * 1e6,
                statements: Double(used.statements) / count, transactions: Double(used.transactions) / count,
                roundTrips: Double(used.roundTrips) / count, redisRoundTrips: Double(used.redisRoundTrips) / count)
        }
    }

    /// - Parameter numbers: the numbers of the events.
    /// - Returns: events a second.
    static func rate(
        of numbers: Range<Int>, perWindow: Int = 10, type: String = "sale_item_changed", hasRandomIDs: Bool,
        on bench: Workbench
    ) async throws -> Double {
        let (start, before) = (ContinuousClock.now, bench.engine.counters.snapshot().totals.delivered)
        try await produce(
            numbers, perWindow: perWindow, type: type, hasRandomIDs: hasRandomIDs, into: bench.engine.ingest)
        try await Workbench.until {
            bench.engine.counters.snapshot().totals.delivered - before >= numbers.count / perWindow
        }
        return Double(numbers.count) / (ContinuousClock.now - start).seconds
    }

    /// Sends one event through the whole path first, since servers' consumers take time to start.
    static func warmUp(_ bench: Workbench) async throws {
        let event = IncomingEvent(
            source: "bench", type: "sale_seller_status_changed", recipient: -1,
            data: #"{"sale_id":1,"status":"approved"}"#)
        _ = try await bench.engine.ingest.submit([.success(event)], source: "bench")
        try await Workbench.until { bench.engine.counters.snapshot().totals.delivered > 0 }
    }

    static func produce(
        _ numbers: Range<Int>, perWindow: Int = 10, type: String = "sale_item_changed", hasRandomIDs: Bool = false,
        into ingest: Ingest
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                group.addTask {
                    for first in stride(
                        from: numbers.lowerBound + producer * batch, to: numbers.upperBound, by: batch * producers)
                    {
                        let entries = (first..<min(first + batch, numbers.upperBound)).map {
                            EventReader.Entry.success(
                                Workbench.event($0, perWindow: perWindow, type: type, hasRandomID: hasRandomIDs))
                        }
                        _ = try await ingest.submit(entries, source: "bench")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
