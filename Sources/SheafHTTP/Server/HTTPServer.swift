import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import SheafCore

/// Serves the API until it is shut down. It then takes no more connections and lets running requests end.
public struct HTTPServer: Service {
    private let api: API
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - port: zero takes a free one.
    ///   - onBound: called with the actual port once connections are taken.
    public init(
        _ api: API, host: String = "127.0.0.1", port: Int = 8080, logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.api = api
        self.host = host
        self.port = port
        self.logger = logger
        self.onBound = onBound
    }

    /// - Throws: ``SheafError`` `unavailable` where the address cannot be bound.
    public func run() async throws {
        do {
            try await application().run()
        } catch let error as IOError {
            throw SheafError(
                .unavailable, field: "http.port", "cannot listen on \(host):\(port) (errno \(error.errnoCode))")
        }
    }

    func application() -> some ApplicationProtocol {
        let idle = TimeAmount(api.limits.idleTimeout)
        return Application(
            router: api.router(), server: .http1(configuration: .init(idleTimeout: idle)),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { [port, onBound] channel in await onBound(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
