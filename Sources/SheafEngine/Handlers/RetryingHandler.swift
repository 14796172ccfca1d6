import SheafCore

/// Tries a lone message again where its failure may pass. A larger batch is not tried again as it is: first it is
/// divided (``IsolatingHandler``), so that the others do not wait for the one.
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
