import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOPosix
import ServiceLifecycle
import SheafCore
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("The server", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    static let post = "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"

    /// Runs `body` while a server of `api` runs, and then shuts the server down.
    static func serve<Result: Sendable>(
        _ api: API, drain: Duration = .zero, _ body: @Sendable (Int, ServiceGroup) async throws -> Result
    ) async throws -> Result {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(api, port: 0, drain: drain, logger: Site.quiet) { continuation.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: Site.quiet))
        async let run: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            let result = try await body(port, group)
            await group.triggerGracefulShutdown()
            try await run
            return result
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }

    @Test("A free port is picked and reported, and requests on it are answered")
    func serves() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            #expect(port > 0)
            try await TestClient.withClient(host: "127.0.0.1", port: port) { client async throws in
                let health = try await client.get("/healthz")
                #expect(health.status == .ok)
                #expect(try JSON(health.body?.readableBytesView ?? ByteBufferView()) == ["status": "ok"])
                let request = TestClient.Request(
                    "/v1/events", method: .post, headers: [.contentType: "application/json"],
                    body: ByteBuffer(string: PublishTests.event))
                #expect(try await client.execute(request).status == .accepted)
                #expect(try await client.get("/nothing").status == .notFound)
            }
        }
        #expect(site.intake.events.count == 1)
    }

    @Test("Bytes in a head that are not UTF-8 are refused in an id")
    func notText() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                let attributes = "ce-specversion: 1.0\r\nce-source: /s\r\nce-type: sale_item_changed\r\n"
                for byte in [0xFF, 0xFE, 0xD0] as [UInt8] {
                    let before = Array("\(Self.post)\(attributes)content-length: 2\r\nce-id: ".utf8)
                    try await connection.write(before + [byte] + Array("-1\r\n\r\n{}".utf8))
                    let answer = try await connection.read(until: "UTF-8")
                    #expect(answer.hasPrefix("HTTP/1.1 400 "))
                }
            }
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("A port in use is reported")
    func portTaken() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            let second = HTTPServer(site.api(), port: port, logger: Site.quiet)
            let error = await #expect(throws: SheafError.self) { try await second.run() }
            #expect(error?.code == .unavailable)
            #expect(error?.field == "http.port")
            #expect(error?.message.hasSuffix("127.0.0.1:\(port): another program listens on it") == true)
        }
    }

    @Test("Shutting down lets a running request end, and accepts no more connections")
    func gracefulShutdown() async throws {
        let site = try Site()
        let gate = Gate()
        site.intake.hold(at: gate)
        try await Self.serve(site.api()) { port, group in
            let answer = try await RawConnection.open(port: port) { connection in
                try await connection.write(
                    Self.post + "content-length: \(PublishTests.event.utf8.count)\r\n\r\n" + PublishTests.event)
                await gate.waitForHeld(1)
                await group.triggerGracefulShutdown()
                await Self.waitUntilRefused(port: port)
                await gate.open()
                return try await connection.read(until: "]}")
            }
            #expect(answer.hasPrefix("HTTP/1.1 202 Accepted\r\n"))
            #expect(answer.hasSuffix(#"{"results":[{"id":"a","status":"accepted"}]}"#))
        }
    }

    @Test("Shutting down waits only a limited time for incoming requests")
    func shutdownWhileReading() async throws {
        let site = try Site()
        let limits = APILimits(idleTimeout: .seconds(600), lingerTimeout: .milliseconds(50))
        let slow = try await Self.serve(site.api(limits: limits)) { port, _ in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: port).get()
            let head = Self.post + "expect: 100-continue\r\ncontent-length: 9\r\n\r\n"
            try await channel.writeAndFlush(ByteBuffer(string: head))
            for _ in 1...20 { _ = try await UnreadAnswerTests.ask(port: port) }
            return channel
        }
        // The server has ended, although this request was incomplete.
        try? await slow.close()
        #expect(site.intake.entries.isEmpty)
    }

    @Test("An endless body is answered 413 without waiting for the rest")
    func endlessBody() async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(bodyBytes: 100_000))) { port, _ in
            let answer = try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.post + "transfer-encoding: chunked\r\n\r\n")
                let chunk = "2000\r\n\(String(repeating: "x", count: 0x2000))\r\n"
                for _ in 1...13 { try await connection.write(chunk) }
                return try await connection.read(until: "}}")
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close"))
            #expect(
                answer.hasSuffix(
                    #"{"error":{"code":"too_large","message":"a request's body has at most 100000 bytes"}}"#))
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test(
        "A client that continues to send an answered request is disconnected",
        arguments: ["POST /v1/events", "POST /nothing", "GET /healthz", "DELETE /v1/recipients/1"])
    func lingering(line: String) async throws {
        let site = try Site()
        let limits = APILimits(bodyBytes: 1000, lingerTimeout: .milliseconds(20))
        try await Self.serve(site.api(limits: limits)) { port, _ in
            _ = try? await RawConnection.open(port: port) { connection in
                try await connection.write("\(line) HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
                let chunk = "400\r\n\(String(repeating: "x", count: 0x400))\r\n"
                // Fails once the connection is closed.
                for _ in 1...200_000 { try await connection.write(chunk) }
                Issue.record("200 MiB were written, and the connection is still open")
            }
        }
    }

    @Test("A body that is declared too large is answered 413 before it arrives, even if it then arrives")
    func declaredTooLarge() async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(bodyBytes: 1000))) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.post + "content-length: 2000\r\n\r\n")
                #expect(try await connection.read(until: "}}").hasPrefix("HTTP/1.1 413 "))
            }
            try await RawConnection.open(port: port) { connection in
                let body = String(repeating: " ", count: 2_000_000)
                try await connection.write(Self.post + "content-length: 2000000\r\n\r\n" + body)
                #expect(try await connection.read(until: "}}").hasPrefix("HTTP/1.1 413 "))
            }
        }
    }

    @Test("A client that expects 100 Continue gets it, unless its request is refused")
    func expectation() async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(bodyBytes: 1000))) { port, _ in
            try await RawConnection.open(port: port) { connection in
                let event = PublishTests.event
                for expectation in ["100-continue", "100-Continue"] {
                    try await connection.write(
                        Self.post + "expect: \(expectation)\r\ncontent-length: \(event.utf8.count)\r\n\r\n")
                    let interim = try await connection.read(until: "\r\n\r\n")
                    #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await connection.write(event)
                    #expect(try await connection.read(until: "]}").hasPrefix("HTTP/1.1 202 "))
                }
            }
            for refused in ["content-length: 2000", "content-length: 9\r\ncontent-encoding: br"] {
                try await RawConnection.open(port: port) { connection in
                    try await connection.write(Self.post + "expect: 100-continue\r\n\(refused)\r\n\r\n")
                    #expect(try await connection.read(until: "}}").hasPrefix("HTTP/1.1 41"))
                }
            }
        }
    }

    @Test("A client of HTTP/1.0 gets no 100 Continue")
    func oldExpectation() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                let event = PublishTests.event
                let head = Self.post.replacing("HTTP/1.1", with: "HTTP/1.0")
                try await connection.write(
                    head + "expect: 100-continue\r\ncontent-length: \(event.utf8.count)\r\n\r\n" + event)
                let answer = try await connection.read(until: "]}")
                #expect(answer.hasPrefix("HTTP/1.") && answer.contains(" 202 ") && !answer.contains(" 100 "))
            }
        }
    }

    @Test("A body in many parts is assembled")
    func manyParts() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.post + "transfer-encoding: chunked\r\n\r\n")
                for character in PublishTests.event { try await connection.write("1\r\n\(character)\r\n") }
                try await connection.write("0\r\n\r\n")
                #expect(try await connection.read(until: "]}").hasPrefix("HTTP/1.1 202 "))
            }
        }
        #expect(site.intake.events.count == 1)
    }

    @Test("After a refused request the connection can be reused if the body was read or small")
    func keepsAlive() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                for _ in 1...3 {
                    try await connection.write(
                        "POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhello")
                    #expect(try await connection.read(until: "}}").hasPrefix("HTTP/1.1 404 "))
                    try await connection.write(Self.post + "content-length: 1\r\n\r\n{")
                    #expect(try await connection.read(until: "}}").hasPrefix("HTTP/1.1 400 "))
                }
            }
        }
    }

    @Test(
        "A client that falls silent is disconnected",
        arguments: ["", "POST /v1/events HT", post + "content-length: 9\r\n\r\nx"])
    func silence(beginning: String) async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(idleTimeout: .milliseconds(50)))) { port, _ in
            // The end may show as an end or as an error; a connection that stays open runs into the test's time limit.
            let answer = try? await RawConnection.open(port: port) { connection in
                try await connection.write(beginning)
                return try await connection.read(until: "never")
            }
            #expect(answer == nil || answer == "")
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("Headers that arrive too slowly are not waited for")
    func slowHeaders() async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(idleTimeout: .milliseconds(50)))) { port, _ in
            _ = try? await RawConnection.open(port: port) { connection in
                try await connection.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n")
                // Fails once the connection is closed. It is never silent for as long as the time limit.
                for number in 1...90 {
                    try await connection.write("x-\(number): y\r\n")
                    try await Task.sleep(for: .milliseconds(10))
                }
                Issue.record("headers came for 900 ms, and the connection is still open")
            }
        }
    }

    @Test("A body that arrives too slowly is answered 408 without waiting for the rest")
    func slowBody() async throws {
        let site = try Site()
        try await Self.serve(site.api(limits: APILimits(bodyTimeout: .seconds(30)))) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.post + "content-length: 1000000\r\n\r\n")
                let answer = try await connection.read(until: "}}", writing: "x") {
                    site.clock.advance(by: .seconds(1))
                }
                #expect(answer.hasPrefix("HTTP/1.1 408 "))
                #expect(answer.lowercased().contains("connection: close"))
                #expect(answer.contains(#""code":"timeout""#))
            }
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("Data that is not HTTP is answered 400")
    func notHTTP() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write("nonsense\r\n\r\n")
                let answer = try await connection.read(until: "}}")
                #expect(answer.hasPrefix("HTTP/1.1 400 "))
                #expect(answer.hasSuffix(#"{"error":{"code":"invalid","message":"this is not an HTTP/1.1 request"}}"#))
            }
        }
    }

    @Test("Too many headers are answered 431")
    func manyHeaders() async throws {
        let site = try Site()
        try await Self.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                let headers = (1...200).map { "x-\($0): y\r\n" }.joined()
                try await connection.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\(headers)\r\n")
                let answer = try await connection.read(until: "}}")
                #expect(answer.hasPrefix("HTTP/1.1 431 "))
                #expect(answer.contains("headers_too_large"))
            }
        }
    }

    static func waitUntilRefused(port: Int) async {
        while (try? await RawConnection.open(port: port) { _ in }) != nil { await Task.yield() }
    }
}
