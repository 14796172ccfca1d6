import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Serves the protocols of the sales, items and gateway services with made-up data, so that Sheaf can be tried without
/// a marketplace. What it says of an item is the same every time, and in every run.
public struct SandboxServer: Service {
    /// The notifications the gateway was given.
    public let inbox: SandboxInbox

    private let options: SandboxOptions
    private let logger: Logger
    private let boundPort = BoundPort()

    public init(options: SandboxOptions = SandboxOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
        inbox = SandboxInbox(capacity: options.keptNotifications)
    }

    /// The port it listens on, as soon as it does.
    ///
    /// - Throws: ``SandboxEnded`` if it ended without listening, `CancellationError`.
    public var port: Int {
        get async throws { try await boundPort.value }
    }

    /// Serves until the task is cancelled or its service group shuts down; requests under way are answered first.
    public func run() async throws {
        defer { boundPort.end() }
        let group = ServiceGroup(configuration: configuration)
        // Cancelling a server that has accepted a connection and not yet taken it up traps inside NIO
        // (https://github.com/apple/swift-nio/issues/2637), so a cancellation is turned into a graceful shutdown.
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
