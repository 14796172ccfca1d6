import Foundation
import Logging
import SheafCore
import SheafEngine
import SheafSQLite

@main struct Bench {
    static func cpu() -> Double {
        var u = rusage(); getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &u)
        return Double(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + Double(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6
    }
    static func main() async throws {
        let n = Int(CommandLine.arguments.dropFirst().first ?? "200000")!
        let dir = FileManager.default.temporaryDirectory.appendingPathComponent("sheaf-bench-\(UUID())")
        try FileManager.default.createDirectory(at: dir, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: dir) }
        let clock = SteadyClock()
        let db = try SQLiteDatabase(path: dir.appendingPathComponent("b.db").path, clock: clock)
        let store = SQLiteStore(db)
        try await store.migrate()
        let catalog = try EventCatalog([
            EventType(
                "sale_item_changed", code: 1, delivery: .debounced(WindowPolicy(length: .seconds(1))),
                factory: PingFactory())
        ])
        let engine = try await Engine(
            .init(
                catalog: catalog, store: store, debouncer: SQLiteDebouncer(db), gateway: NullGateway2(), clock: clock),
            logger: Logger(label: "b"))
        let runner = Task { try await engine.run() }
        let start = ContinuousClock.now, c0 = cpu(), s0 = StatementCount.statements, t0 = StatementCount.transactions
        try await withThrowingTaskGroup(of: Void.self) { group in
            let producers = 4
            for p in 0..<producers {
                group.addTask {
                    var i = p * 100
                    while i < n {
                        let entries = (i..<min(i + 100, n)).map { k in
                            EventReader.Entry.success(
                                IncomingEvent(
                                    source: "bench", producerID: "evt-\(k)", type: "sale_item_changed",
                                    recipient: Int64(k / 10), data: #"{"sale_id":\#(k / 10 % 1000),"item_id":\#(k)}"#))
                        }
                        _ = try await engine.ingest.submit(entries, source: "bench")
                        i += 100 * producers
                    }
                }
            }
            try await group.waitForAll()
        }
        print("ingested in", ContinuousClock.now - start, "cpu", cpu() - c0)
        while engine.counters.snapshot().totals.delivered < n / 10 { try await Task.sleep(for: .milliseconds(5)) }
        let t = (ContinuousClock.now - start).seconds
        print(
            "all in", t, "s", Double(n) / t, "ev/s; cpu us/event", (cpu() - c0) / Double(n) * 1e6, "stmts/event",
            Double(StatementCount.statements - s0) / Double(n), "tx/event",
            Double(StatementCount.transactions - t0) / Double(n))
        runner.cancel()
    }
}
