import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceCalls
import SheafCore
import Synchronization
import Testing

@testable import SheafGateway

@Suite("Outcomes of the HTTP gateway")
struct HTTPGatewayOutcomeTests {
    private func send(
        url: String, timeout: Duration = .seconds(10), configuration: HTTPClient.Configuration? = nil
    ) async throws -> GatewayOutcome {
        try await withClient(configuration ?? HTTPGateway.clientConfiguration(inFlight: 1)) { client in
            let gateway = HTTPGateway(
                url: try #require(HTTPURL(url)), secret: try SigningSecret(Samples.secret), timeout: timeout,
                client: client)
            return await gateway.send(Samples.notification(), type: "sale_item_changed")
        }
    }

    private func answer(with response: Response) async throws -> GatewayOutcome {
        try await RecordingServer.run(respond: { _ in response }) { url, _ in try await send(url: url) }
    }

    @Test("2xx is delivered", arguments: [200, 201, 202, 204, 299])
    func delivered(status: Int) async throws {
        let outcome = try await answer(with: Response(status: .init(code: status)))
        #expect(outcome == .delivered(httpStatus: status))
    }

    @Test(
        "408, 409, 423, 425, 429 and 5xx may succeed later",
        arguments: [408, 409, 423, 425, 429, 500, 501, 502, 503, 504, 507, 599])
    func failed(status: Int) async throws {
        let outcome = try await answer(with: Response(status: .init(code: status)))
        #expect(outcome == .failed(httpStatus: status, error: "the gateway answered \(status)", after: nil))
    }

    @Test(
        "Other statuses are refusals",
        arguments: [300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 422, 426, 451])
    func refused(status: Int) async throws {
        let outcome = try await answer(
            with: Response(status: .init(code: status), headers: [.location: "/elsewhere"]))
        #expect(outcome == .refused(httpStatus: status, error: "the gateway answered \(status)"))
    }

    @Test("A redirect is a refusal even if the client followed it", arguments: [301, 307])
    func redirectFollowed(status: Int) async throws {
        let outcome = try await RecordingServer.run(respond: { request in
            request.path == "/elsewhere"
                ? Response(status: .ok) : Response(status: .init(code: status), headers: [.location: "/elsewhere"])
        }) { url, _ in
            try await send(url: url, configuration: HTTPClient.Configuration())
        }
        #expect(outcome == .refused(httpStatus: status, error: "the gateway redirected the request"))
    }

    @Test(
        "Retry-After is respected as seconds and as a date, up to a day",
        arguments: [
            ("7", Duration.seconds(7)), ("0", .zero), ("7200", .seconds(7200)), ("86400", .seconds(86_400)),
            ("86401", .seconds(86_400)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", .zero), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
            ("soon", nil),
        ] as [(String, Duration?)])
    func retryAfter(header: String, expected: Duration?) async throws {
        let outcome = try await answer(
            with: Response(status: .serviceUnavailable, headers: [.retryAfter: header]))
        #expect(outcome == .failed(httpStatus: 503, error: "the gateway answered 503", after: expected))
    }

    @Test("Any status with Retry-After may succeed later", arguments: [302, 400, 403, 404, 409, 413, 422])
    func retryAfterOfAnyStatus(status: Int) async throws {
        for (header, expected) in [("7", Duration.seconds(7)), ("soon", nil)] as [(String, Duration?)] {
            let outcome = try await answer(with: Response(status: .init(code: status), headers: [.retryAfter: header]))
            #expect(outcome == .failed(httpStatus: status, error: "the gateway answered \(status)", after: expected))
        }
    }

    @Test("A date in Retry-After counts from the response's own date")
    func retryAfterDate() async throws {
        let outcome = try await RawServer.run(
            answer: """
                HTTP/1.1 429 Slow Down\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Retry-After: Sun, 06 Nov 1994 08:50:00 GMT\r
                Content-Length: 0\r
                \r

                """, ending: .close
        ) { url in try await send(url: url) }
        #expect(outcome == .failed(httpStatus: 429, error: "the gateway answered 429", after: .seconds(23)))
    }

    @Test(
        "A status below 200 refuses nothing, and of two Retry-After the longer counts",
        arguments: [
            ("101 Switching Protocols", 101, nil), ("503 Busy\r\nRetry-After: 7\r\nRetry-After: 70", 503, .seconds(70)),
        ] as [(String, Int, Duration?)])
    func unusual(head: String, status: Int, after: Duration?) async throws {
        let outcome = try await RawServer.run(answer: "HTTP/1.1 \(head)\r\n\r\n", ending: .close) { url in
            try await send(url: url)
        }
        #expect(outcome == .failed(httpStatus: status, error: "the gateway answered \(status)", after: after))
    }

    @Test("A time-out may succeed later")
    func timeout() async throws {
        let outcome = try await RawServer.run(answer: "", ending: .hang) { url in
            try await send(url: url, timeout: .milliseconds(100))
        }
        #expect(outcome == .failed(httpStatus: nil, error: "the gateway did not answer in time", after: nil))
    }

    @Test("A refused connection is noticed at once, not at the time-out", arguments: ["127.0.0.1", "localhost"])
    func refusedConnection(host: String) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = try await send(url: "http://\(host):1", timeout: .seconds(300))
        #expect(clock.now - start < .seconds(60))
        #expect(outcome == .failed(httpStatus: nil, error: "the gateway refused the connection", after: nil))
    }

    @Test("A name that does not resolve may succeed later")
    func unknownHost() async throws {
        // RFC 6761: `invalid` never resolves; without a resolver the request times out.
        let outcome = try await send(url: "http://gateway.invalid", timeout: .seconds(2))
        guard case .failed(nil, _, nil) = outcome else {
            Issue.record("unexpected: \(outcome)")
            return
        }
    }

    @Test(
        "A connection that breaks before the status may succeed later",
        arguments: ["", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Le", "no HTTP\r\n\r\n"])
    func brokenConnection(answer: String) async throws {
        let outcome = try await RawServer.run(answer: answer, ending: .close) { url in try await send(url: url) }
        guard case .failed(nil, let error, nil) = outcome else {
            Issue.record("unexpected: \(outcome)")
            return
        }
        #expect(!error.isEmpty)
    }

    @Test("A connection that the gateway closed while it was idle costs no attempt")
    func idleConnection() async throws {
        let (failed, closed) = try await sendTenTimes(staleAfter: .zero)
        // A repetition may meet another such connection, and is not repeated itself.
        #expect(closed > 0 && failed <= closed / 2)
    }

    @Test("A connection that breaks shortly after its last use is a failed attempt")
    func busyConnection() async throws {
        let (failed, closed) = try await sendTenTimes(staleAfter: .minutes(5))
        #expect(closed > 0 && failed == closed)
    }

    /// Sends to a gateway that closes a connection at its second request.
    /// - Returns: how many attempts failed, and how many connections were closed.
    private func sendTenTimes(staleAfter: TimeAmount) async throws -> (failed: Int, closed: Int) {
        let closed = Mutex(0)
        let outcomes = try await RawServer.run(
            answer: "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", ending: .closeLater,
            onClose: { closed.withLock { $0 += 1 } }
        ) { url in
            try await withClient(HTTPGateway.clientConfiguration(inFlight: 1, staleAfter: staleAfter)) { client in
                let gateway = HTTPGateway(url: try #require(HTTPURL(url)), client: client)
                var outcomes: [GatewayOutcome] = []
                for _ in 0..<10 { outcomes.append(await gateway.send(Samples.notification(), type: "t")) }
                return outcomes
            }
        }
        let broken = GatewayOutcome.failed(httpStatus: nil, error: "the gateway closed the connection", after: nil)
        #expect(outcomes.allSatisfy { $0 == .delivered(httpStatus: 202) || $0 == broken })
        return (outcomes.count { $0 == broken }, closed.withLock(\.self))
    }

    @Test(
        "Once the status is known, the rest of the response may break, hang or never end",
        arguments: [RawServer.Ending.close, .hang],
        ["{\"accep", String(repeating: "x", count: Exchange.answerLimit * 4)])
    func brokenBody(ending: RawServer.Ending, body: String) async throws {
        let outcome = try await RawServer.run(
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + body, ending: ending
        ) { url in
            try await send(url: url, timeout: .milliseconds(300))
        }
        #expect(outcome == .delivered(httpStatus: 200))
    }

    @Test("Error texts hold neither the response nor the secret")
    func errorTexts() async throws {
        let response = Response(
            status: .init(code: 400, reasonPhrase: "hunter2"),
            body: .init(byteBuffer: ByteBuffer(string: "hunter2 \(Samples.secret)")))
        let outcome = try await answer(with: response)
        #expect(outcome == .refused(httpStatus: 400, error: "the gateway answered 400"))
    }

    @Test("Cancelling the task ends the attempt")
    func cancelled() async throws {
        let (requests, continuation) = AsyncStream<Void>.makeStream()
        let outcome = try await RecordingServer.run(respond: { _ in
            continuation.yield()
            try await Task.sleep(for: .seconds(60))
            return Response(status: .ok)
        }) { url, _ in
            let attempt = Task { try await send(url: url, timeout: .seconds(60)) }
            _ = await requests.first { true }
            attempt.cancel()
            return try await attempt.value
        }
        #expect(outcome == .failed(httpStatus: nil, error: "cancelled", after: nil))
    }

    @Test("Requests run concurrently up to the limit in flight")
    func inFlight() async throws {
        let expected = 40
        let answering = WakeUp()
        let inside = Mutex(0)
        let outcomes = try await RecordingServer.run(respond: { _ in
            let isComplete = inside.withLock { count in
                count += 1
                return count == expected
            }
            if isComplete { answering.notify() }
            await answering.wait(after: 0)
            return Response(status: .accepted)
        }) { url, _ in
            try await withClient(HTTPGateway.clientConfiguration(inFlight: expected)) { client in
                let gateway = HTTPGateway(url: try #require(HTTPURL(url)), timeout: .seconds(50), client: client)
                return await withTaskGroup(of: GatewayOutcome.self) { group in
                    for _ in 0..<expected { group.addTask { await gateway.send(Samples.notification(), type: "t") } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
            }
        }
        #expect(outcomes == Array(repeating: .delivered(httpStatus: 202), count: expected))
    }

    @Test("Many notifications are sent over few connections")
    func concurrency() async throws {
        // A machine that runs other tests may take longer than a gateway is usually waited for.
        var configuration = HTTPGateway.clientConfiguration(inFlight: 8)
        configuration.timeout.connect = .minutes(2)
        let count = try await RecordingServer.run { [configuration] url, server in
            try await withClient(configuration) { client in
                let gateway = HTTPGateway(url: try #require(HTTPURL(url)), timeout: .seconds(120), client: client)
                await withTaskGroup(of: GatewayOutcome.self) { group in
                    for _ in 0..<200 { group.addTask { await gateway.send(Samples.notification(), type: "t") } }
                    for await outcome in group { #expect(outcome == .delivered(httpStatus: 202)) }
                }
            }
            return server.received.count
        }
        #expect(count == 200)
    }
}
