import SheafCore

/// Divides a failing batch until the message at fault is alone, and dead-letters only that one.
///
/// A failure of the infrastructure is no message's fault: it is thrown, and nothing is dead-lettered.
struct IsolatingHandler<Base: Handler>: Handler {
    /// Dead-letters a message; throws if that fails too.
    typealias DeadLettering = @Sendable (Base.Message, any Error) async throws -> Void

    private let base: Base
    private let deadLetter: DeadLettering

    init(_ base: Base, deadLetter: @escaping DeadLettering) {
        self.base = base
        self.deadLetter = deadLetter
    }

    func handle(_ messages: [Base.Message]) async throws {
        do {
            try await base.handle(messages)
        } catch is CancellationError {
            throw CancellationError()
        } catch  where error.failureKind == .infrastructure {
            throw error
        } catch {
            guard let first = messages.first else { return }
            if messages.count == 1 { return try await deadLetter(first, error) }
            let middle = messages.count / 2
            try await handle(Array(messages[..<middle]))
            try await handle(Array(messages[middle...]))
        }
    }
}
