import ServiceLifecycle
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Shutting down behind a load balancer", .timeLimit(.minutes(1)))
struct DrainingTests {
    private static let live = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"
    private static let ready = "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n"

    /// Runs `body` while the server drains, and then ends the server.
    private func draining(
        _ site: Site, drain: Duration = .seconds(1), limits: APILimits = APILimits(),
        before: @Sendable (inout RawConnection) async throws -> Void = { _ in },
        _ body: @Sendable (inout RawConnection, Int) async throws -> Void
    ) async throws {
        let api = site.api(limits: limits)
        try await HTTPServerTests.serve(api, drain: drain) { port, group in
            try await RawConnection.open(port: port) { connection in
                try await before(&connection)
                await group.triggerGracefulShutdown()
                while !api.draining.hasBegun { try await Task.sleep(for: .milliseconds(1)) }
                try await body(&connection, port)
            }
            site.clock.advance(by: drain)
        }
    }

    @Test("An idle connection stays open, and its next answer is the last")
    func idle() async throws {
        try await draining(Site()) { connection in
            try await connection.write(Self.live)
            #expect(try await connection.read(until: "}").contains("Connection: close") == false)
        } _: { connection, _ in
            try await connection.write(Self.live)
            let answer = try await connection.read(until: "}")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.contains("\r\nConnection: close\r\n"))
            #expect(try await connection.read() == "")
        }
    }

    @Test("Connections are still accepted, and readiness reports the end")
    func readiness() async throws {
        try await draining(Site()) { _, port in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.ready)
                let answer = try await connection.read(until: "}}}")
                #expect(answer.hasPrefix("HTTP/1.1 503 "))
                #expect(answer.contains(#""shuts down""#))
                #expect(answer.contains("\r\nConnection: close\r\n"))
            }
        }
    }

    @Test("Pipelined requests are all answered")
    func pipelined() async throws {
        try await draining(Site()) { connection, _ in
            try await connection.write(Self.live + Self.live + Self.live)
            let answers = try await connection.read(until: "never")
            #expect(answers.components(of: "HTTP/1.1 200 OK") == 3)
            #expect(answers.components(of: "Connection: close") >= 1)
        }
    }

    @Test("Once no connections are accepted, a connection without a request may still make one")
    func lingering() async throws {
        let site = try Site()
        let limits = APILimits(lastRequestTimeout: .seconds(50))
        try await draining(site, drain: .seconds(600), limits: limits) { connection, port in
            await site.clock.waitForSleepers(1)
            site.clock.advance(by: .seconds(600))
            await HTTPServerTests.waitUntilRefused(port: port)
            try await connection.write(Self.live)
            #expect(try await connection.read(until: "}").contains("Connection: close"))
            #expect(try await connection.read() == "")
        }
    }

    @Test("A response in progress is finished, and then the connection is closed")
    func underWay() async throws {
        let site = try Site()
        let gate = Gate()
        site.intake.hold(at: gate)
        let event = PublishTests.event
        try await draining(site) { connection in
            try await connection.write(
                HTTPServerTests.post + "content-length: \(event.utf8.count)\r\n\r\n" + event)
            await gate.waitForHeld(1)
        } _: { connection, _ in
            await gate.open()
            let answer = try await connection.read(until: "]}")
            #expect(answer.hasPrefix("HTTP/1.1 202 "))
            #expect(answer.contains("\r\nConnection: close\r\n"))
            #expect(try await connection.read() == "")
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
