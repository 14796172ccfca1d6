import Dispatch
import Foundation
import SheafCore
import Synchronization
import UnixSignals

/// Ends the process if asking for its end has not done it: at the second signal, or some time after the first.
///
/// It listens on Dispatch's threads. Those of tasks may all be held up by what cannot be interrupted, such as writing to
/// a pipe that nobody reads. Nothing is lost by such an end: what was answered is durable, the rest is done again.
final class LastResort: Sendable {
    private let heard = Atomic<Int>(0)
    private let timeout: Duration

    /// - Parameter timeout: how long the end that the first signal asks for may take.
    private init(timeout: Duration) { self.timeout = timeout }

    /// Listens until the sources are cancelled. They have to be kept.
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
        // It was asked for, so it is no failure.
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout.seconds) { Foundation._exit(EXIT_SUCCESS) }
    }
}
