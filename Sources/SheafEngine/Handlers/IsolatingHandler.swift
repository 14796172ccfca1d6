import SheafCore

/// Divides a batch that fails until the message at fault stands alone, and gives up that one only.
///
/// A failure of the infrastructure is no message's fault: it is thrown, and nothing is given up.
struct IsolatingHandler<Base: Handler>: Handler {
    /// Puts a message that is given up where it can be looked at; throws where that fails, too.
    typealias GiveUp = @Sendable (Base.Message, any Error) async throws -> Void

    private let base: Base
    private let giveUp: GiveUp

    init(_ base: Base, giveUp: @escaping GiveUp) {
        self.base = base
        self.giveUp = giveUp
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
            if messages.count == 1 { return try await giveUp(first, error) }
            let middle = messages.count / 2
            try await handle(Array(messages[..<middle]))
            try await handle(Array(messages[middle...]))
        }
    }
}
