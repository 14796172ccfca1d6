import BlockingIO
import SheafCore

/// A thread for calls that block.
actor PollLoop {
    private let executor = ThreadExecutor()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs `body`, which may block as long as it likes.
    func block<Result: Sendable>(_ body: @Sendable () -> Result) -> Result { body() }

    /// Runs `body`, which opens something.
    func open<Result: Sendable>(_ body: @Sendable () throws(SheafError) -> Result) throws(SheafError) -> Result {
        try body()
    }
}
