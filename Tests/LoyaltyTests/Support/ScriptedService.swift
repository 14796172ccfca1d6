import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A real HTTP server on a free loopback port that sends a test's responses, and records requests.
final class ScriptedService: Sendable {
    /// A request about ids.
    struct Call: Hashable, Sendable {
        /// The number of earlier calls.
        let index: Int
        let path: String
        let ids: [Int64]
    }

    enum Answer: Sendable {
        case json(String)
        case status(HTTPResponse.Status, retryAfter: String? = nil)
        /// Sends nothing until the test has ended.
        case silence
        /// Sends the head of a response, and then nothing.
        case unfinished
        /// Breaks the connection in the middle of the body.
        case broken
    }

    struct NotListening: Error {}
    private struct Break: Error {}

    private let respond: @Sendable (Call) async throws -> Answer
    private let end = Gate()
    private let log = Mutex<[Call]>([])

    init(_ respond: @escaping @Sendable (Call) async throws -> Answer) { self.respond = respond }

    var calls: [Call] { log.withLock { $0 } }

    /// Serves while `body` runs.
    func serving<Value: Sendable>(
        _ body: @escaping @Sendable (_ url: String) async throws -> Value
    ) async throws -> Value {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get("**") { request, _ in try await self.answer(request) }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: quiet)
        let group = ServiceGroup(services: [application], logger: quiet)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else { throw NotListening() }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body("http://127.0.0.1:\(port)"))
            } catch {
                result = .failure(error)
            }
            // Shut down and never cancelled: NIO traps if a connection is accepted but not yet handled
            // (https://github.com/apple/swift-nio/issues/2637).
            end.open()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let ids = request.uri.queryParameters.get("ids")?.split(separator: ",").compactMap { Int64($0) } ?? []
        let call = log.withLock { log in
            log.append(Call(index: log.count, path: request.uri.path, ids: ids))
            return log[log.count - 1]
        }
        switch try await respond(call) {
        case .json(let text): return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        case .status(let status, let retryAfter):
            var response = Response(status: status)
            if let retryAfter { response.headers[.retryAfter] = retryAfter }
            return response
        case .silence:
            await end.passed()
            return Response(status: .ok)
        case .unfinished:
            return Response(
                status: .ok,
                body: ResponseBody(contentLength: 100) { [end] writer in
                    try await writer.write(ByteBuffer(string: "{"))
                    await end.passed()
                    try await writer.finish(nil)
                })
        case .broken:
            return Response(
                status: .ok,
                body: ResponseBody(contentLength: 100) { writer in
                    try await writer.write(ByteBuffer(string: "{"))
                    throw Break()
                })
        }
    }
}

extension ScriptedService.Answer {
    /// The sales service's response: `ids`, all with `status`.
    static func sales(_ ids: [Int64], status: String = "banned") -> Self {
        .json(#"{"items":["# + ids.map { #"{"id":\#($0),"status":"\#(status)"}"# }.joined(separator: ",") + "]}")
    }
}
