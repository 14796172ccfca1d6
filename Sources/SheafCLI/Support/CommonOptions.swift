import ArgumentParser
import Foundation
import Logging
import Loyalty
import SheafApp
import SheafCore
import SheafObservability
import SheafTracing

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration, YAML or JSON; the environment overrides it.", completion: .file())
    var config: String?

    /// The configuration, checked.
    func settings() throws(ConfigurationError) -> Settings {
        let types = LoyaltyCatalog.types(language: .russian, services: LoyaltyServices())
        return try Settings.load(
            file: config, environment: ProcessInfo.processInfo.environment,
            types: Dictionary(types.map { ($0.name, $0.delivery) }) { first, _ in first })
    }

    /// Runs the body of a command that ends by itself. SIGTERM and SIGINT cancel it, and it then ends with status 0.
    func run(
        logging level: Logger.Level? = nil, _ body: @escaping @Sendable (Container, Logger) async throws -> Void
    ) async throws {
        try await serve(logging: level) { container, logger in
            try await Interruption.ending {
                try await body(container, logger)
            } unless: {
                $0 is ExitCode
            }
        }
    }

    /// Runs a command's body on a container, and ends with the exit status for its error. The body handles signals.
    ///
    /// - Parameters:
    ///   - level: the log level; `nil` for the configured one.
    ///   - adjust: changes the configuration before parts are built from it.
    func serve(
        logging level: Logger.Level? = nil, adjust: (inout Settings) throws -> Void = { _ in },
        _ body: (Container, Logger) async throws -> Void
    ) async throws {
        do {
            var settings = try settings()
            try adjust(&settings)
            let format = LogFormat(rawValue: settings.log.format.rawValue) ?? .text
            LoggingSetup.bootstrap(level: level ?? settings.log.level, format: format, metadataProvider: .trace)
            let logger = Logger(label: "sheaf")
            let container = Container(settings: settings, logger: logger)
            // Metrics are created together with the parts that use them, so their factory must come first.
            _ = try await container.metricsRegistry
            do {
                try await body(container, logger)
                await container.closeAll(deadline: .seconds(5))
            } catch {
                await container.closeAll(deadline: .seconds(5))
                throw error
            }
        } catch {
            throw Failure.exit(for: error)
        }
    }
}
