import SheafCore

extension Handler {
    /// The handler with all decorators that a topic's consumer needs, from the inside out: retry a single message,
    /// divide a failing batch and dead-letter its bad message, split large batches, and time everything.
    ///
    /// The order matters. Dead-lettering is outside of retrying, or no message would be retried. Dividing is outside of
    /// both, or a whole batch would wait for one message's retries.
    func composed(
        operation: String, batch limit: Int, retry policy: RetryPolicy, clock: any TimeSource,
        deadLetter: @escaping @Sendable (Message, any Error) async throws -> Void
    ) -> some Handler<Message> {
        let retrying = RetryingHandler(self, policy: policy, clock: clock)
        let isolating = IsolatingHandler(retrying, deadLetter: deadLetter)
        return TimedHandler(ChunkedHandler(isolating, limit: limit), operation: operation)
    }
}
