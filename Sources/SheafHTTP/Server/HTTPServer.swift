import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
public import ServiceLifecycle
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Serves the API until it is shut down. On shutdown it is no longer ready; for a while it continues to respond, each
/// time with the last response of a connection. Then it accepts no connections any more and lets running requests end.
public struct HTTPServer: Service {
    private let api: API
    private let host: String
    private let port: Int
    private let certificate: ServerCertificate?
    private let drain: Duration
    private let listener = Listener()
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - port: zero picks a free one.
    ///   - certificate: with one, the server accepts only TLS.
    ///   - drain: how long connections are accepted after the shutdown began, so that load balancers notice it.
    ///   - onBound: called with the actual port once connections are accepted.
    public init(
        _ api: API, host: String = "127.0.0.1", port: Int = 8080,
        certificate: ServerCertificate? = nil, drain: Duration = .zero, logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.api = api
        self.host = host
        self.port = port
        self.certificate = certificate
        self.drain = drain
        self.logger = logger
        self.onBound = onBound
    }

    /// - Throws: ``SheafError`` `unavailable` if the address cannot be bound.
    public func run() async throws {
        do {
            try await serve()
        } catch let error as IOError {
            throw SheafError(
                .unavailable, field: "http.port", "cannot listen on \(host):\(port): \(Self.reason(error))")
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch POSIXErrorCode(rawValue: error.errnoCode) {
        case .EADDRINUSE: "another program listens on it"
        case .EADDRNOTAVAIL: "this machine has no such address"
        case .EACCES: "this user may not use the port"
        default: "the system refuses it (errno \(error.errnoCode))"
        }
    }

    private func serve() async throws {
        let group = ServiceGroup(configuration: .init(services: [try application()], logger: logger))
        // Detached, so that the surrounding shutdown reaches it only after draining.
        let serving = Task.detached { try await group.run() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serving.value
            } onGracefulShutdown: {
                api.draining.begin()
                Task {
                    if drain > .zero { try? await api.clock.sleep(for: drain) }
                    await listener.stopAccepting()
                    await group.triggerGracefulShutdown()
                }
            }
        } onCancel: {
            serving.cancel()
        }
    }

    func application() throws -> some ApplicationProtocol {
        let limits = api.limits
        // A connection whose headers arrive more slowly than this counts as idle, since only a complete head counts.
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                MalformedRequestHandler(), UnreadRequestHandler(timeout: limits.lingerTimeout),
                UnreadAnswerHandler(timeout: limits.writeTimeout),
                DrainingHandler(api.draining, linger: min(drain, limits.lastRequestTimeout)),
            ],
            idleTimeout: TimeAmount(limits.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 100))
        let plain = HTTPServerBuilder { responder in
            VersionedChannel(base: HTTP1Channel(responder: responder, configuration: configuration))
        }
        return Application(
            router: api.router(isSecure: certificate != nil),
            server: try certificate.map { try .tls(plain, tlsConfiguration: $0.configuration) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    OpenFiles.connections(upTo: limits.connections), logger: logger)),
            onServerRunning: { [port, onBound, listener] channel in
                listener.bind(channel)
                await onBound(channel.localAddress?.port ?? port)
            },
            logger: logger)
    }
}
