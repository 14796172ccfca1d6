import SheafCore

/// Retries a single message if its failure may be temporary. A larger batch is not retried as a whole:
/// ``IsolatingHandler`` divides it first, so that the other messages do not wait for the failing one.
struct RetryingHandler<Base: Handler>: Handler {
    private let base: Base
    private let policy: RetryPolicy
    private let clock: any TimeSource

    init(_ base: Base, policy: RetryPolicy, clock: any TimeSource) {
        self.base = base
        self.policy = policy
        self.clock = clock
    }

    func handle(_ messages: [Base.Message]) async throws {
        var attempt = 1
        while true {
            do {
                return try await base.handle(messages)
            } catch {
                guard messages.count == 1, error.failureKind == .transient, policy.allowsAttempt(after: attempt) else {
                    throw error
                }
                try await clock.sleep(for: policy.delay(after: attempt, floor: (error as? SheafError)?.retryAfter))
                attempt += 1
            }
        }
    }
}
