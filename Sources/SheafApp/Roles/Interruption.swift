import Foundation
import UnixSignals

/// SIGTERM and SIGINT: the first one requests the end.
public enum Interruption {
    /// How long interrupted work may take to end.
    private static let timeout = Duration.seconds(30)

    /// Runs work that ends by itself. A signal cancels `body`; its error is then ignored unless `isResult` returns
    /// `true`.
    ///
    /// - Parameter isResult: whether an error is a result of the work and not of its cancellation.
    public static func ending(
        _ body: @escaping @Sendable () async throws -> Void, unless isResult: (any Error) -> Bool
    ) async throws {
        let signals = await signals()
        let work = Task { try await body() }
        let watch = watch(signals, timeout: timeout) { _ in work.cancel() }
        defer { watch.cancel() }
        do { try await work.value } catch {
            if !work.isCancelled || isResult(error) { throw error }
        }
    }

    /// The signals; from now on they do not end the process by themselves.
    static func signals() async -> UnixSignalsSequence { await UnixSignalsSequence(trapping: all) }

    /// Calls `end` at the first signal; a second signal, or the end of `timeout`, ends the process at once.
    ///
    /// - Parameter timeout: how long the work begun by `end` may take.
    static func watch(
        _ signals: UnixSignalsSequence, timeout: Duration, _ end: @escaping @Sendable (UnixSignal) async -> Void
    ) -> Task<Void, Never> {
        Task {
            let sources = LastResort.sources(for: all, timeout: timeout)
            defer { for source in sources { source.cancel() } }
            var isFirst = true
            for await signal in signals where isFirst {
                isFirst = false
                await end(signal)
            }
        }
    }

    private static let all: [UnixSignal] = [.sigterm, .sigint]
}
