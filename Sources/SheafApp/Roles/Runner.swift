import Logging
public import ServiceLifecycle

/// Runs services until a signal arrives or the first of them ends, and then closes the container.
public struct Runner: Sendable {
    /// The time limit for closing all parts.
    private static let closing = Duration.seconds(5)

    private let container: Container

    public init(_ container: Container) { self.container = container }

    /// SIGTERM and SIGINT end the preparation, or shut the services down gracefully, the last first; a second signal
    /// ends the process at once, and so does the end of the timeout.
    ///
    /// - Parameter prepare: returns the services in order of dependence; it may wait for servers.
    public func run(_ prepare: @escaping @Sendable () async throws -> [any Service]) async throws {
        let shutdown = Shutdown()
        let signals = await Interruption.signals()
        let preparing = Task { try await prepare() }
        let timeout = container.settings.shutdown.timeout + Self.closing + .seconds(2)
        let watch = Interruption.watch(signals, timeout: timeout) { signal in
            container.logger.notice("shutting down", metadata: ["signal": "\(signal)"])
            // Recorded first, so that an error of the preparation counts as part of the requested end.
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
            // Clients whose requests were cut off get no response, and retry.
            if isCutOff { container.logger.warning("some services had not ended by shutdown.timeout") }
            result = isCutOff ? .success(()) : .failure(error)
        }
        await container.closeAll(deadline: Self.closing)
        watch.cancel()
        try result.get()
    }

    /// The services to run; `nil` if the program ended during the preparation.
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

/// Whether the program is to end; passes this on to services that start later.
private actor Shutdown {
    private(set) var hasBegun = false
    private var group: ServiceGroup?

    func begin() async {
        hasBegun = true
        await group?.triggerGracefulShutdown()
    }

    /// - Returns: whether `group` may run at all.
    func permits(_ group: ServiceGroup) -> Bool {
        self.group = group
        return !hasBegun
    }
}
