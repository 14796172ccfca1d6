import ServiceLifecycle

/// A task that runs until the roles have ended.
struct BackgroundTask: Service {
    private let body: @Sendable () async -> Void

    /// - Parameter body: runs until its task is cancelled.
    init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

    func run() async throws {
        await cancelWhenGracefulShutdown { await body() }
    }
}
