import HTTPTypes
import NIOCore
import ServiceLifecycle
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("The stream", .timeLimit(.minutes(1)))
struct StreamTests {
    private static let request = "GET /v1/stream HTTP/1.1\r\nhost: localhost\r\n\r\n"

    @Test("Statistics are sent at once and every second, and notifications when they are composed")
    func messages() async throws {
        let site = try Site()
        try await HTTPServerTests.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.request)
                let start = try await connection.read(until: "}\n\n")
                #expect(start.lowercased().contains("content-type: text/event-stream"))
                #expect(start.contains("event: stats\ndata: {"))
                let id = try await Self.compose(site)
                await Self.passSecond(site.clock)
                let next = try await connection.read(until: "event: notification\ndata: {")
                #expect(next.contains("event: stats\n") && next.contains("id: \(id)\n"))
            }
        }
    }

    @Test("Shutting down ends the stream without waiting for readers")
    func shutdown() async throws {
        let site = try Site()
        try await HTTPServerTests.serve(site.api()) { port, group in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.request)
                _ = try await connection.read(until: "event: stats")
                await group.triggerGracefulShutdown()
                #expect(try await connection.read(until: "\r\n0\r\n\r\n").hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test("A stream that begins with the newest notifications has them oldest first")
    func recent() async throws {
        let site = try Site()
        var ids: [String] = []
        for _ in 0..<3 { ids.append(try await Self.compose(site).description) }
        try await HTTPServerTests.serve(site.api()) { [ids] port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.request.replacing("stream", with: "stream?recent=2"))
                let text = try await connection.read(until: "event: stats")
                let sent = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }
                #expect(sent == ids[1...].map { "id: \($0)" })
            }
        }
    }

    @Test("A notification composed before a stream joined and committed after it is sent")
    func lateCommit() async throws {
        let site = try Site()
        let old = try await Self.compose(site)
        // The store's clock decides when a transaction began.
        let clock = TestClock(now: site.clock.now + .seconds(5))
        let feed = LiveFeed(operations: site.operations(), clock: clock, limit: 1)
        let subscription = try await feed.join {}
        let late = try await Self.compose(site)
        for _ in 0..<2 { await Self.passSecond(clock) }
        await clock.waitForSleepers(1)
        let sent = await Self.takeAll(subscription, feed)
        await feed.leave(subscription)
        #expect(sent.split(separator: "id: \(late)\n").count == 2)
        #expect(!sent.contains("id: \(old)\n"))
    }

    @Test("The number of streams is limited, and a reader that takes nothing for long is disconnected")
    func bounds() async throws {
        let site = try Site()
        let feed = LiveFeed(operations: site.operations(), clock: site.clock, limit: 1)
        let cuts = AsyncStream.makeStream(of: Void.self)
        let subscription = try await feed.join { cuts.continuation.yield() }
        await #expect(throws: SheafError.self) { try await feed.join {} }
        for _ in 0..<LiveFeed.looksAllowed { await Self.passSecond(site.clock) }
        // A reader that takes something is not disconnected.
        #expect(await feed.take(subscription) != nil)
        for _ in 0...LiveFeed.looksAllowed { await Self.passSecond(site.clock) }
        var iterator = cuts.stream.makeAsyncIterator()
        await iterator.next()
        #expect(await feed.count == 0)
        #expect(await feed.take(subscription) == nil)
        await feed.leave(subscription)
    }

    @Test("All notifications of a burst are sent once; a poll above its limit reports how many it left out")
    func burst() async throws {
        let site = try Site()
        let feed = LiveFeed(operations: site.operations(), clock: site.clock, limit: 1)
        let subscription = try await feed.join {}
        await site.clock.waitForSleepers(1)
        let first = try await Self.compose(site, 1000)
        await Self.passSecond(site.clock)
        await site.clock.waitForSleepers(1)
        let sent = await Self.takeAll(subscription, feed)
        #expect(Self.ids(sent) == first.map(\.description))
        #expect(!sent.contains("event: gap"))

        let second = try await Self.compose(site, LiveFeed.notifications + 7)
        await Self.passSecond(site.clock)
        await site.clock.waitForSleepers(1)
        let rest = await Self.takeAll(subscription, feed)
        #expect(Self.ids(rest) == second.dropFirst(7).map(\.description))
        #expect(rest.contains("event: gap\ndata: {\"left_out\":7}\n\n"))
        await feed.leave(subscription)
    }

    @Test("A slow reader learns how many notifications it missed, and continues with those that are kept")
    func slowReader() async throws {
        let site = try Site()
        let feed = LiveFeed(operations: site.operations(), clock: site.clock, limit: 2)
        let (slow, quick) = (try await feed.join {}, try await feed.join {})
        await site.clock.waitForSleepers(1)
        var composed: [String] = []
        var sent = ""
        for _ in 0..<3 {
            composed += try await Self.compose(site, LiveFeed.notifications).map(\.description)
            await Self.passSecond(site.clock)
            await site.clock.waitForSleepers(1)
            sent += await Self.takeAll(quick, feed)
        }
        #expect(Self.ids(sent) == composed && !sent.contains("event: gap"))
        let rest = await Self.takeAll(slow, feed)
        let missed = composed.count - Self.ids(rest).count
        #expect(missed > 0 && Self.ids(rest) == Array(composed.dropFirst(missed)))
        #expect(rest.hasPrefix("event: gap\ndata: {\"left_out\":\(missed)}\n\n"))
        for subscription in [slow, quick] { await feed.leave(subscription) }
    }

    @Test("A number of recent notifications that is out of range is refused")
    func wrongRecent() async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/stream?recent=201")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == "recent")
        }
    }

    @discardableResult
    private static func compose(_ site: Site, _ count: Int) async throws -> [NotificationID] {
        let events = (0..<count).map { _ in site.samples.event(receivedAt: site.clock.now) }
        let digests = events.map { site.samples.digest([$0]) }
        try await site.accept(events, digests: digests)
        return digests.map(\.id)
    }

    private static func compose(_ site: Site) async throws -> NotificationID {
        try #require(try await compose(site, 1).first)
    }

    /// Waits until the feed has sent everything, and lets a second pass.
    private static func passSecond(_ clock: TestClock) async {
        await clock.waitForSleepers(1)
        clock.advance(by: LiveFeed.interval)
    }

    /// All messages that wait for a reader.
    private static func takeAll(_ subscription: LiveFeed.Subscription, _ feed: LiveFeed) async -> String {
        var text = ""
        while let messages = await feed.take(subscription) { text += String(buffer: messages) }
        return text
    }

    /// The ids of the notifications in a text of the stream.
    private static func ids(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
    }
}
