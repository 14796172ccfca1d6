import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

/// A collector of traces on a free loopback port.
final class Collector: Sendable {
    struct Received: Sendable {
        let line: String
        let contentType: String?
        let body: [UInt8]

        /// The spans of the request, as their JSON objects.
        var spans: [Span] {
            get throws {
                let document = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
                let resources = try #require(document["resourceSpans"] as? [[String: Any]])
                return try resources.flatMap { resource in
                    let scopes = try #require(resource["scopeSpans"] as? [[String: Any]])
                    return try scopes.flatMap { scope in
                        try #require(scope["spans"] as? [[String: Any]]).map { Span(object: $0) }
                    }
                }
            }
        }
    }

    struct Span {
        let object: [String: Any]

        subscript(name: String) -> String? { object[name] as? String }
        var links: [[String: Any]] { object["links"] as? [[String: Any]] ?? [] }

        func attribute(_ name: String) -> [String: Any]? {
            let all = object["attributes"] as? [[String: Any]] ?? []
            return all.first { $0["key"] as? String == name }?["value"] as? [String: Any]
        }
    }

    private let log = Mutex<[Received]>([])

    var received: [Received] { log.withLock { $0 } }
    var spans: [Span] { get throws { try received.flatMap { try $0.spans } } }

    /// Runs `test` with the collector's address; `answer` returns the status for each request, numbered from 1.
    static func run<Result: Sendable>(
        answer: @escaping @Sendable (Int) -> HTTPResponse.Status = { _ in .ok }, headers: HTTPFields = [:],
        document: String = "{}",
        _ test: @Sendable (_ url: String, Collector) async throws -> Result
    ) async throws -> Result {
        let collector = Collector()
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "collector")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                let body = try await request.body.collect(upTo: 1 << 24)
                let received = Received(
                    line: "\(request.method) \(request.uri.path)", contentType: request.headers[.contentType],
                    body: Array(buffer: body))
                let number = collector.log.withLock { log in
                    log.append(received)
                    return log.count
                }
                return Response(
                    status: answer(number), headers: headers, body: .init(byteBuffer: ByteBuffer(string: document)))
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let port = try #require(await ports.first { _ in true })
            let result = try await test("http://127.0.0.1:\(port)", collector)
            group.cancelAll()
            return result
        }
    }
}
