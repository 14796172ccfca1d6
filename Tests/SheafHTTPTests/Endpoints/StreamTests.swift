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
    private static let request = "GET /v1/stream HTTP/1.1\r\nhost: x\r\n\r\n"

    @Test("Statistics come at once and each second, and notifications as they are composed")
    func messages() async throws {
        let site = try Site()
        try await HTTPServerTests.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(Self.request)
                let start = try await connection.read(until: "}\n\n")
                #expect(start.lowercased().contains("content-type: text/event-stream"))
                #expect(start.contains("event: stats\ndata: {"))
                let id = try await Self.compose(site)
                await Self.passSecond(site)
                let next = try await connection.read(until: "event: notification\ndata: {")
                #expect(next.contains("event: stats\n") && next.contains("id: \(id)\n"))
            }
        }
    }

    @Test("Shutting down ends the stream, and waits for no reader")
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
                let told = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }
                #expect(told == ids[1...].map { "id: \($0)" })
            }
        }
    }

    @Test("A notification is told that was composed before a stream joined and committed after")
    func lateCommit() async throws {
        let site = try Site()
        let old = try await Self.compose(site)
        // The store's clock tells when a transaction began.
        let clock = TestClock(now: site.clock.now + .seconds(5))
        let feed = LiveFeed(operations: site.operations(), clock: clock, limit: 1)
        let subscription = try await feed.join {}
        let late = try await Self.compose(site)
        for _ in 0..<2 {
            await clock.waitForSleepers(1)
            clock.advance(by: LiveFeed.interval)
        }
        await clock.waitForSleepers(1)
        await feed.leave(subscription)
        var told = ""
        for await message in subscription.messages { told += String(buffer: message) }
        #expect(told.split(separator: "id: \(late)\n").count == 2)
        #expect(!told.contains("id: \(old)\n"))
    }

    @Test("There are only so many streams, and a reader that takes nothing is cut off")
    func bounds() async throws {
        let site = try Site()
        let feed = LiveFeed(operations: site.operations(), clock: site.clock, limit: 1)
        let cuts = AsyncStream.makeStream(of: Void.self)
        let subscription = try await feed.join { cuts.continuation.yield() }
        await #expect(throws: SheafError.self) { try await feed.join {} }
        // Each look tells the statistics; one look more than there is room for is one too many.
        for _ in 0..<LiveFeed.buffer { await Self.passSecond(site) }
        var iterator = cuts.stream.makeAsyncIterator()
        await iterator.next()
        #expect(await feed.count == 0)
        await feed.leave(subscription)
        var waiting = 0
        for await _ in subscription.messages { waiting += 1 }
        #expect(waiting == LiveFeed.buffer)
    }

    @Test("A number of recent notifications that is out of range is refused")
    func wrongRecent() async throws {
        try await Site().test { client async throws in
            let answer = try await client.get("/v1/stream?recent=201")
            #expect(answer.status == .badRequest)
            #expect(try answer.errorField == "recent")
        }
    }

    private static func compose(_ site: Site) async throws -> NotificationID {
        let event = site.samples.event(receivedAt: site.clock.now)
        let binding = site.samples.binding([event])
        try await site.store.transaction("bind") { transaction in
            _ = try transaction.append([event])
            _ = try transaction.bind([binding])
        }
        return binding.id
    }

    /// Waits until the feed has told what there was, and lets a second pass for it.
    private static func passSecond(_ site: Site) async {
        await site.clock.waitForSleepers(1)
        site.clock.advance(by: LiveFeed.interval)
    }
}
