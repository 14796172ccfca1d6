/// Handles messages by the batch.
///
/// A handler that throws has handled none of the batch for sure, and must bear being given the same messages again.
/// Decorators are handlers around handlers; ``HandlerComposition`` puts them together in the right order.
protocol Handler<Message>: Sendable {
    associatedtype Message: Sendable

    func handle(_ messages: [Message]) async throws
}

/// A handler made of a closure.
struct ClosureHandler<Message: Sendable>: Handler {
    private let body: @Sendable ([Message]) async throws -> Void

    init(_ body: @escaping @Sendable ([Message]) async throws -> Void) { self.body = body }

    func handle(_ messages: [Message]) async throws { try await body(messages) }
}
