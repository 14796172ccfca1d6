import BlockingIO
import SheafCore

/// A thread for blocking calls.
actor PollLoop {
    private let executor = ThreadExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body`, which may block for any time.
    func block<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }

    /// Runs `body`, which opens something.
    func open<Result: Sendable>(_ body: @Sendable () throws(SheafError) -> Result) throws(SheafError) -> Result {
        try body()
    }
}
