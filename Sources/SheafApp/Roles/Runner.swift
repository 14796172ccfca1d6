import Logging
public import ServiceLifecycle

/// Runs services until a signal or the first of them ends, and closes the container behind them.
public struct Runner: Sendable {
    /// How long all parts together may take to close.
    private static let closing = Duration.seconds(5)

    private let container: Container

    public init(_ container: Container) { self.container = container }

    /// SIGTERM and SIGINT end the preparation, or shut the services down gracefully, the last first; a second signal
    /// ends the process at once, and so does the end of the timeout.
    ///
    /// - Parameter prepare: answers the services, in the order of their dependence; it may wait for servers.
    public func run(_ prepare: @escaping @Sendable () async throws -> [any Service]) async throws {
        let shutdown = Shutdown()
        let signals = await Interruption.signals()
        let preparing = Task { try await prepare() }
        let timeout = container.settings.shutdown.timeout + Self.closing + .seconds(2)
        let watch = Interruption.watch(signals, timeout: timeout) { signal in
            container.logger.notice("shutting down", metadata: ["signal": "\(signal)"])
            // Told first, so that what the preparation then fails with is known for an end that was asked for.
            await shutdown.begin()
            preparing.cancel()
        }
        let result: Result<Void, any Error>
        do {
            if let group = try await prepared(preparing, shutdown), await shutdown.permits(group) {
                try await group.run()
            }
            result = .success(())
        } catch {
            let isCutOff = await shutdown.hasBegun && error is CancellationError
            // Whoever asked and was cut off hears nothing, and asks again.
            if isCutOff { container.logger.warning("not all had ended by shutdown.timeout") }
            result = isCutOff ? .success(()) : .failure(error)
        }
        await container.closeAll(deadline: Self.closing)
        watch.cancel()
        try result.get()
    }

    /// What is to be run; `nil` if the program ended while it was prepared.
    private func prepared(
        _ preparing: Task<[any Service], any Error>, _ shutdown: Shutdown
    ) async throws -> ServiceGroup? {
        do {
            return group(try await preparing.value)
        } catch {
            if await shutdown.hasBegun { return nil }
            throw error
        }
    }

    private func group(_ services: [any Service]) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: container.logger)
        configuration.maximumGracefulShutdownDuration = container.settings.shutdown.timeout
        return ServiceGroup(configuration: configuration)
    }
}

/// Whether the program is to end, passed on to its services whenever they come.
private actor Shutdown {
    private(set) var hasBegun = false
    private var group: ServiceGroup?

    func begin() async {
        hasBegun = true
        await group?.triggerGracefulShutdown()
    }

    /// - Returns: whether `group` is to be run at all.
    func permits(_ group: ServiceGroup) -> Bool {
        self.group = group
        return !hasBegun
    }
}
