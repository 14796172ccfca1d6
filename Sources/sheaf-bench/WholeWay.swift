import SheafCore
import SheafEngine
import SheafSQLite

/// Events from the intake, in process, to a gateway that takes everything.
enum WholeWay {
    struct Figures {
        let rate: Double
        /// Microseconds an event.
        let cpu: Double
        let statements: Double
        let transactions: Double
    }

    private static let producers = 4
    private static let batch = 500

    static func run(events: Int) async throws -> Figures {
        try await Workbench(window: .seconds(1)).use { bench in
            let (start, cpu) = (ContinuousClock.now, Usage.cpu)
            let (statements, transactions) = (StatementCount.statements, StatementCount.transactions)
            try await produce(events, into: bench.engine.ingest)
            while bench.engine.counters.snapshot().totals.delivered < events / 10 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let count = Double(events)
            return Figures(
                rate: count / (ContinuousClock.now - start).seconds, cpu: (Usage.cpu - cpu) / count * 1e6,
                statements: Double(StatementCount.statements - statements) / count,
                transactions: Double(StatementCount.transactions - transactions) / count)
        }
    }

    static func produce(_ events: Int, into ingest: Ingest) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                group.addTask {
                    for first in stride(from: producer * batch, to: events, by: batch * producers) {
                        let entries = (first..<min(first + batch, events)).map {
                            EventReader.Entry.success(Workbench.event($0))
                        }
                        _ = try await ingest.submit(entries, source: "bench")
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
