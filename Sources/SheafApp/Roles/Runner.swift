import Foundation
import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs services until a signal or the first of them ends, and closes the container behind them.
public struct Runner: Sendable {
    private let container: Container

    public init(_ container: Container) { self.container = container }

    /// SIGTERM and SIGINT shut the services down gracefully, the last first; a second signal ends the process at once.
    ///
    /// - Parameter services: in the order of their dependence.
    public func run(_ services: [any Service]) async throws {
        let logger = container.logger
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: logger)
        configuration.maximumGracefulShutdownDuration = container.settings.shutdown.timeout
        let group = ServiceGroup(configuration: configuration)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = Task {
            var isFirst = true
            for await signal in signals {
                // Nothing is lost by it: what was answered is durable, the rest is done again.
                guard isFirst else { Foundation._exit(128 + signal.number) }
                isFirst = false
                logger.notice("shutting down", metadata: ["signal": "\(signal)"])
                await group.triggerGracefulShutdown()
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await group.run()) } catch { result = .failure(error) }
        await container.closeAll(deadline: .seconds(5))
        watch.cancel()
        try result.get()
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
