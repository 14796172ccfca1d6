import SheafCore

extension Handler {
    /// The handler with everything a topic's consumer needs around it, from the inside out: a lone message is retried,
    /// a failing batch is divided and its bad message dead-lettered, large batches come in pieces, and all of it is timed.
    ///
    /// The order is what keeps the promises: dead-lettering outside of retrying, or no message would be tried twice; and
    /// dividing outside of both, or a whole batch would pay for one message.
    func composed(
        operation: String, batch limit: Int, retry policy: RetryPolicy, clock: any TimeSource,
        deadLetter: @escaping @Sendable (Message, any Error) async throws -> Void
    ) -> some Handler<Message> {
        let retrying = RetryingHandler(self, policy: policy, clock: clock)
        let isolating = IsolatingHandler(retrying, deadLetter: deadLetter)
        return TimedHandler(ChunkedHandler(isolating, limit: limit), operation: operation)
    }
}
