/// Handles messages in batches.
///
/// If a handler throws, its caller must assume that no message was handled and may pass the same messages again. A
/// decorator is a handler around another handler; ``HandlerComposition`` nests them in the right order.
protocol Handler<Message>: Sendable {
    associatedtype Message: Sendable

    func handle(_ messages: [Message]) async throws
}

/// A handler made from a closure.
struct ClosureHandler<Message: Sendable>: Handler {
    private let body: @Sendable ([Message]) async throws -> Void

    init(_ body: @escaping @Sendable ([Message]) async throws -> Void) { self.body = body }

    func handle(_ messages: [Message]) async throws { try await body(messages) }
}
