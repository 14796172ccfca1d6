import ServiceLifecycle
import SheafCore
import SheafEngine

/// Sends the sample burst and reports its outcome.
struct DemoShow: Service {
    let engine: Engine
    let store: any EventStore
    /// Whether the program ends once the burst has been notified.
    let endsWhenDone: Bool

    func run() async throws {
        let events = SampleBurst.events
        let start = ContinuousClock.now
        CommandResult.write("\(events.count) events happen at once; their windows are 3 seconds long…")
        _ = try await engine.ingest.submit(events.map { .success($0) }, source: "demo")
        try await cancelWhenGracefulShutdown {
            while try await !isDone(events.count) { try await Task.sleep(for: .milliseconds(50)) }
        }
        let totals = engine.counters.snapshot().totals
        CommandResult.write(
            """
            \(totals.ingested) events became \(totals.delivered) notifications after \
            \((ContinuousClock.now - start).components.seconds) s; \(totals.suppressed) suppressed.
            """)
        guard !endsWhenDone else { return }
        CommandResult.write("Send events of your own; Ctrl-C ends the demo.")
        try? await gracefulShutdown()
    }

    private func isDone(_ count: Int) async throws -> Bool {
        let totals = engine.counters.snapshot().totals
        return totals.processed + totals.suppressed + totals.dead >= count
            && totals.delivered + totals.failed >= totals.notifications
    }
}
