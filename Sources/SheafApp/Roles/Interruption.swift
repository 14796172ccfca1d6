import Foundation
import UnixSignals

/// Runs work that ends by itself, unless SIGTERM or SIGINT comes first.
public enum Interruption {
    private enum Outcome: Sendable {
        case ended(Result<Void, any Error>)
        case signalled
    }

    /// The first signal cancels `body`, whose failure then counts for nothing but for what `isResult` lets through; a
    /// second one ends the process at once.
    ///
    /// - Parameter isResult: whether an error is a result of what was done, rather than of having been cut short.
    public static func ending(
        _ body: @escaping @Sendable () async throws -> Void, unless isResult: (any Error) -> Bool
    ) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            let work = Task { try await body() }
            group.addTask { .ended(await work.result) }
            group.addTask {
                var isFirst = true
                for await signal in signals {
                    // Nothing is lost by it: what was answered is durable.
                    guard isFirst else { Foundation._exit(128 + signal.number) }
                    isFirst = false
                    work.cancel()
                }
                return .signalled
            }
            defer { group.cancelAll() }
            for try await case .ended(let result) in group {
                guard case .failure(let error) = result, !work.isCancelled || isResult(error) else { return }
                throw error
            }
        }
    }
}

extension UnixSignal {
    var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
