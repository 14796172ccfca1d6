import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Serves the protocols of the sales, items and gateway services with simulated data, so that Sheaf can be tried
/// without a marketplace. An item has the same data every time, and in every run.
public struct SandboxServer: Service {
    /// The notifications that the gateway received.
    public let inbox: SandboxInbox

    private let options: SandboxOptions
    private let logger: Logger
    private let boundPort = BoundPort()

    public init(options: SandboxOptions = SandboxOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
        inbox = SandboxInbox(capacity: options.keptNotifications)
    }

    /// The port, available as soon as the server listens.
    ///
    /// - Throws: ``SandboxEnded`` if the server ended without listening, `CancellationError`.
    public var port: Int {
        get async throws { try await boundPort.value }
    }

    /// Serves until the task is cancelled or its service group shuts down; requests in progress are answered first.
    public func run() async throws {
        defer { boundPort.end() }
        let group = ServiceGroup(configuration: configuration)
        // If a server is cancelled after it accepted a connection but before it handles it, NIO traps
        // (https://github.com/apple/swift-nio/issues/2637). So a cancellation becomes a graceful shutdown.
        let serving = Task.detached { try await group.run() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await serving.value
        } onCancelOrGracefulShutdown: {
            Task {
                _ = try? await boundPort.value
                await group.triggerGracefulShutdown()
            }
        }
    }

    private var configuration: ServiceGroupConfiguration {
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(options.host, port: options.port)),
            onServerRunning: { [boundPort] channel in
                if let port = channel.localAddress?.port { boundPort.bind(port) }
            },
            logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        return configuration
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        let faulty = router.group().add(middleware: Faults(options))
        Marketplace.addRoutes(to: faulty)
        Gateway.addRoutes(to: faulty, inbox: inbox)
        Gateway.addListing(to: router, inbox: inbox)
        return router
    }
}
