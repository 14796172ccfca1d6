import Foundation
import UnixSignals

/// SIGTERM and SIGINT: the first one asks for an end.
public enum Interruption {
    /// How long work that was cut short may take to end.
    private static let timeout = Duration.seconds(30)

    /// Runs work that ends by itself, unless a signal comes first. It cancels `body`, whose failure then counts for
    /// nothing but for what `isResult` lets through.
    ///
    /// - Parameter isResult: whether an error is a result of what was done, rather than of having been cut short.
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

    /// The signals, which from now on do not end the process by themselves.
    static func signals() async -> UnixSignalsSequence { await UnixSignalsSequence(trapping: all) }

    /// Calls `end` at the first signal; a second one, or the end of `timeout`, ends the process at once.
    ///
    /// - Parameter timeout: how long what `end` begins may take.
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
