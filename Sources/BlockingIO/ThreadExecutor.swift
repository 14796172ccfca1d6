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
        let executor = asUnownedSerialExecutor()
        thread.submit { _ in job.runSynchronously(on: executor) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
