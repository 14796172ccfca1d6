import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

/// A gateway on a free loopback port that records requests.
final class RecordingServer: Sendable {
    struct Received: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let headers: HTTPFields
        let body: String

        subscript(name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    typealias Responder = @Sendable (Received) async throws -> Response

    private let log = Mutex<[Received]>([])

    var received: [Received] { log.withLock { $0 } }

    /// Runs `test` with the server's address, while `respond` answers requests.
    static func run<R: Sendable>(
        respond: @escaping Responder = { _ in Response(status: .accepted) },
        _ test: @Sendable (_ url: String, RecordingServer) async throws -> R
    ) async throws -> R {
        let server = RecordingServer()
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "gateway")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                let body = try await request.body.collect(upTo: 1 << 20)
                let received = Received(
                    method: request.method, path: request.uri.path, headers: request.headers,
                    body: String(buffer: body))
                server.log.withLock { $0.append(received) }
                return try await respond(received)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let port = try #require(await ports.first { _ in true })
            let result = try await test("http://127.0.0.1:\(port)", server)
            group.cancelAll()
            return result
        }
    }
}
