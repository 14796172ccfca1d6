import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
public import ServiceLifecycle
import SheafCore

/// Serves the API until it is shut down. It then takes no more connections and lets running requests end.
public struct HTTPServer: Service {
    private let api: API
    private let host: String
    private let port: Int
    private let certificate: ServerCertificate?
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - port: zero takes a free one.
    ///   - certificate: with one, TLS alone is spoken.
    ///   - onBound: called with the actual port once connections are taken.
    public init(
        _ api: API, host: String = "127.0.0.1", port: Int = 8080,
        certificate: ServerCertificate? = nil, logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.api = api
        self.host = host
        self.port = port
        self.certificate = certificate
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

    func application() throws -> some ApplicationProtocol {
        let limits = api.limits
        // Headers that come slower than this are those of a connection that is idle: a head counts once it is whole.
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                MalformedRequestHandler(), UnreadRequestHandler(timeout: limits.lingerTimeout),
                UnreadAnswerHandler(timeout: limits.writeTimeout),
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
            onServerRunning: { [port, onBound] channel in await onBound(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
