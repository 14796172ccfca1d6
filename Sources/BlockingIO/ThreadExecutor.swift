import NIOPosix

/// Runs an actor's jobs on one thread of its own, so that its blocking calls hold up nobody else.
///
/// The actor keeps the executor and answers ``asUnownedSerialExecutor()`` as its `unownedExecutor`. The thread ends
/// with the executor, which is when no job can come any more.
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
