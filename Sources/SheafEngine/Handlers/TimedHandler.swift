internal import Metrics
import SheafCore

/// Times each call by operation and outcome, as `sheaf_operation_duration_seconds`.
struct TimedHandler<Base: Handler>: Handler {
    private let base: Base
    private let operation: OperationTimer

    init(_ base: Base, operation: String) {
        self.base = base
        self.operation = OperationTimer(operation)
    }

    func handle(_ messages: [Base.Message]) async throws {
        try await operation.measure { try await base.handle(messages) }
    }
}

/// Measures how long an operation takes, separately for success and failure.
struct OperationTimer: Sendable {
    private let success: Timer
    private let failure: Timer

    init(_ operation: String) {
        func timer(_ outcome: String) -> Timer {
            Timer(
                label: Metric.operationDuration.name,
                dimensions: [("operation", operation), ("outcome", outcome)])
        }
        success = timer("success")
        failure = timer("failure")
    }

    func measure<Result>(_ body: () async throws -> Result) async throws -> Result {
        let start = ContinuousClock.now
        do {
            let result = try await body()
            success.record(duration: ContinuousClock.now - start)
            return result
        } catch {
            failure.record(duration: ContinuousClock.now - start)
            throw error
        }
    }
}
