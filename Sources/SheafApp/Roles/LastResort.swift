import Dispatch
import Foundation
import SheafCore
import Synchronization
import UnixSignals

/// Ends the process if the requested end does not happen: at the second signal, or some time after the first.
///
/// It listens on Dispatch's threads, since the threads of tasks may all be blocked, for example by writing to a pipe
/// that nobody reads. Nothing is lost: acknowledged work is durable, and the rest is done again.
final class LastResort: Sendable {
    private let heard = Atomic<Int>(0)
    private let timeout: Duration

    /// - Parameter timeout: how long the end may take after the first signal.
    private init(timeout: Duration) { self.timeout = timeout }

    /// Listens until the sources are cancelled. The caller must keep them.
    static func sources(for signals: [UnixSignal], timeout: Duration) -> [any DispatchSourceSignal] {
        let resort = LastResort(timeout: timeout)
        return signals.map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal.rawValue, queue: .global())
            source.setEventHandler { resort.hear(signal) }
            source.resume()
            return source
        }
    }

    private func hear(_ signal: UnixSignal) {
        guard heard.add(1, ordering: .relaxed).newValue == 1 else { Foundation._exit(128 + signal.rawValue) }
        // The end was requested, so it is no failure.
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout.seconds) { Foundation._exit(EXIT_SUCCESS) }
    }
}
