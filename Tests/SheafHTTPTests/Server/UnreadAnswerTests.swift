import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import NIOPosix
import Testing

@testable import SheafHTTP

@Suite("Responses that are not read", .timeLimit(.minutes(1)))
struct UnreadAnswerTests {
    private static let timeout: Duration = .seconds(30)
    /// Requests with large responses, so many that no buffer holds all responses.
    private static let requests = String(
        repeating: "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n", count: 600)
    private static let health = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"

    /// A connection with so many unsent bytes that no more are accepted.
    private static func blocked(_ bytes: Int) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: UnreadAnswerHandler(timeout: timeout, shutdownTimeout: .seconds(1)))
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        // Data that is not flushed counts as not accepted by the system.
        channel.write(ByteBuffer(repeating: 0, count: bytes), promise: nil)
        setWritable(channel, false)
        return channel
    }

    private static func setWritable(_ channel: EmbeddedChannel, _ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    private static func pass(_ time: Duration, _ channel: EmbeddedChannel) {
        channel.embeddedEventLoop.advanceTime(by: TimeAmount(time))
    }

    @Test("A client that reads nothing within the time-out is disconnected")
    func nothing() throws {
        let channel = try Self.blocked(1000)
        Self.pass(Self.timeout - .milliseconds(1), channel)
        #expect(channel.isActive)
        Self.pass(.milliseconds(1), channel)
        #expect(!channel.isActive)
    }

    @Test("A client that reads a little within each time-out is not disconnected")
    func little() throws {
        let channel = try Self.blocked(1000)
        for left in [500, 10] {
            channel.flush()
            channel.write(ByteBuffer(repeating: 0, count: left), promise: nil)
            Self.pass(Self.timeout, channel)
            #expect(channel.isActive)
        }
        Self.pass(Self.timeout, channel)
        #expect(!channel.isActive)
    }

    @Test("A connection without unsent data may be idle")
    func quiet() throws {
        let channel = try Self.blocked(1000)
        Self.pass(Self.timeout / 2, channel)
        Self.setWritable(channel, true)
        Self.pass(Self.timeout * 10, channel)
        #expect(channel.isActive)
        channel.flush()
        _ = try? channel.finish()
    }

    @Test("During shutdown the time-out is a second, even for connections already blocked", arguments: [true, false])
    func shutdown(isBlockedBefore: Bool) throws {
        let channel = try Self.blocked(1000)
        if !isBlockedBefore { Self.setWritable(channel, true) }
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        if !isBlockedBefore { Self.setWritable(channel, false) }
        Self.pass(.milliseconds(999), channel)
        #expect(channel.isActive)
        Self.pass(.milliseconds(1), channel)
        #expect(!channel.isActive)
    }

    @Test(
        "A connection is closed once everything is sent, or nothing was sent for the time-out",
        arguments: [true, false])
    func closing(isSent: Bool) throws {
        let channel = try Self.blocked(1000)
        let closed = channel.close()
        Self.pass(Self.timeout - .milliseconds(100), channel)
        #expect(channel.isActive)
        if isSent { channel.flush() }
        Self.pass(.milliseconds(isSent ? 20 : 100), channel)
        #expect(!channel.isActive)
        channel.embeddedEventLoop.run()
        try closed.wait()
    }

    @Test("A connection that is to be closed a second time is closed at once")
    func closingTwice() throws {
        let channel = try Self.blocked(1000)
        let closed = [channel.close(), channel.close()]
        #expect(!channel.isActive)
        channel.embeddedEventLoop.run()
        for closed in closed { try closed.wait() }
    }

    @Test("A client that reads nothing is disconnected and makes room for others")
    func cutOff() async throws {
        let limits = APILimits(writeTimeout: .milliseconds(50), connections: 1)
        try await HTTPServerTests.serve(Site().api(limits: limits)) { port, _ in
            _ = try? await RawConnection.open(port: port) { stalled in
                try await stalled.write(Self.health)
                _ = try await stalled.read(until: "}")
                try await stalled.write(Self.requests)
                // There is room for one, so this one is answered once the other is gone.
                let answer = try await Self.ask(port: port)
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test("A client that reads nothing does not delay the shutdown")
    func end() async throws {
        let stalled = try await HTTPServerTests.serve(Site().api()) { port, _ in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.socketOption(.so_rcvbuf), value: 4096)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(ByteBuffer(string: Self.requests))
            for _ in 1...20 { _ = try await Self.ask(port: port) }
            return channel
        }
        // The server has ended, although this connection is open.
        try? await stalled.close()
    }

    @Test("Connections above the limit wait for another to end")
    func connections() async throws {
        try await HTTPServerTests.serve(Site().api(limits: APILimits(connections: 1))) { port, _ in
            let (second, end) = try await RawConnection.open(port: port) { first in
                try await first.write(Self.health)
                _ = try await first.read(until: "}")
                let second = Task { (answer: try await Self.ask(port: port), time: ContinuousClock.now) }
                for _ in 1...20 {
                    try await first.write(Self.health)
                    _ = try await first.read(until: "}")
                }
                return (second, ContinuousClock.now)
            }
            #expect(try await second.value.answer.hasPrefix("HTTP/1.1 200 "))
            #expect(try await second.value.time > end)
        }
    }

    @Test("A quarter of the allowed open files is left for other uses")
    func openFiles() {
        #expect(OpenFiles.connections(upTo: 4096, of: 1024) == 768)
        #expect(OpenFiles.connections(upTo: 100, of: 1024) == 100)
        #expect(OpenFiles.connections(upTo: 4096, of: nil) == 4096)
        #expect(OpenFiles.limit.map { $0 > 0 } ?? true)
    }

    static func ask(port: Int) async throws -> String {
        try await RawConnection.open(port: port) { connection in
            try await connection.write(health)
            return try await connection.read(until: "}")
        }
    }
}
