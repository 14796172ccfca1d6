import Foundation
import UnixSignals

/// SIGTERM and SIGINT: the first one asks for an end.
public enum Interruption {
    /// Runs work that ends by itself, unless a signal comes first. It cancels `body`, whose failure then counts for
    /// nothing but for what `isResult` lets through.
    ///
    /// - Parameter isResult: whether an error is a result of what was done, rather than of having been cut short.
    public static func ending(
        _ body: @escaping @Sendable () async throws -> Void, unless isResult: (any Error) -> Bool
    ) async throws {
        let signals = await signals()
        let work = Task { try await body() }
        let watch = watch(signals) { _ in work.cancel() }
        defer { watch.cancel() }
        do { try await work.value } catch {
            if !work.isCancelled || isResult(error) { throw error }
        }
    }

    /// The signals, which from now on do not end the process by themselves.
    static func signals() async -> UnixSignalsSequence { await UnixSignalsSequence(trapping: .sigterm, .sigint) }

    /// Calls `end` at the first signal, and ends the process at once at the second.
    static func watch(
        _ signals: UnixSignalsSequence, _ end: @escaping @Sendable (UnixSignal) async -> Void
    ) -> Task<Void, Never> {
        Task {
            var isFirst = true
            for await signal in signals {
                // Nothing is lost by it: what was answered is durable, the rest is done again.
                guard isFirst else { Foundation._exit(128 + (signal == .sigint ? SIGINT : SIGTERM)) }
                isFirst = false
                await end(signal)
            }
        }
    }
}
