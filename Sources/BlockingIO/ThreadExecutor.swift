import NIOPosix

/// Runs an actor's jobs on a thread of their own, so that its blocking calls delay nobody else.
///
/// The actor keeps the executor and returns ``asUnownedSerialExecutor()`` as its `unownedExecutor`. The thread ends
/// with the executor, when no more jobs can arrive.
public final class ThreadExecutor: SerialExecutor {
    private let thread = NIOThreadPool(numberOfThreads: 1)

    public init() { thread.start() }

    deinit { thread.shutdownGracefully { _ in } }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The job may hold the last reference to the actor, and with it to this executor.
        thread.submit { [self] _ in
            withExtendedLifetime(self) { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
