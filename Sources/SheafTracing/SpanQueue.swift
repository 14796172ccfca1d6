import DequeModule
internal import Metrics
import SheafCore
import Synchronization

/// The spans that wait for export: a queue that makes nobody wait. If it is full, new spans are dropped and counted as
/// `sheaf_spans_total{outcome="dropped"}`.
public final class SpanQueue: Sendable {
    private let limit: Int
    private let batch: Int
    private let waiting = Mutex<Deque<SpanRecord>>([])
    private let ready = WakeUp()
    private let dropped = SpanQueue.counter("dropped")

    /// - Parameters:
    ///   - limit: the maximum spans that wait.
    ///   - batch: the maximum spans taken at a time.
    public init(limit: Int = 4096, batch: Int = 512) {
        self.limit = limit
        self.batch = batch
    }

    var count: Int { waiting.withLock { $0.count } }

    func add(_ span: SpanRecord) {
        let count = waiting.withLock { waiting -> Int? in
            guard waiting.count < limit else { return nil }
            waiting.append(span)
            return waiting.count
        }
        guard let count else { return dropped.increment() }
        if count == batch { ready.notify() }
    }

    /// Takes the spans that have waited longest, up to a batch.
    func take() -> [SpanRecord] {
        waiting.withLock { waiting in
            let spans = Array(waiting.prefix(batch))
            waiting.removeFirst(spans.count)
            return spans
        }
    }

    /// Waits until a batch is full or `interval` has passed; returns at once if the task is cancelled.
    func wait(atMost interval: Duration, on clock: any TimeSource) async {
        let generation = ready.generation
        guard count < batch else { return }
        try? await ready.wait(after: generation, atMost: interval, on: clock)
    }

    static func counter(_ outcome: String) -> Counter {
        Counter(label: Metric.spans.name, dimensions: [("outcome", outcome)])
    }
}
