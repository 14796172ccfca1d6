import HTTPTypes
import Hummingbird
import NIOCore
import SheafCore
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("Limits of posted bodies")
struct PublishLimitTests {
    static let event = PublishTests.event

    @Test("A thousand events are accepted, one more is answered 413", arguments: [(1000, true), (1001, false)])
    func events(count: Int, isTaken: Bool) async throws {
        let site = try Site()
        try await site.test { client async throws in
            let one = #"{"type":"sale_item_changed","recipient_id":42,"data":{}}"#
            let events = Array(repeating: one, count: count)
            for (body, type) in [
                ("[" + events.joined(separator: ",") + "]", "application/json"),
                (events.joined(separator: "\n"), "application/x-ndjson"),
            ] {
                let answer = try await client.publish(body, type)
                #expect(answer.status == (isTaken ? .accepted : .contentTooLarge))
                if isTaken {
                    #expect(try answer.json["results"]?.elements.count == count)
                } else {
                    #expect(try answer.errorCode == "too_large")
                }
            }
        }
        #expect(site.intake.entries.count == (isTaken ? 2 * count : 0))
    }

    @Test("Four mebibytes are accepted, one byte more is answered 413", arguments: [(0, true), (1, false)])
    func bytes(above: Int, isTaken: Bool) async throws {
        let size = 4 * 1024 * 1024
        let padding = String(repeating: " ", count: size - Self.event.utf8.count + above)
        try await Site().test { client async throws in
            let answer = try await client.publish(Self.event + padding)
            #expect(answer.status == (isTaken ? .accepted : .contentTooLarge))
            if !isTaken {
                #expect(try answer.errorCode == "too_large")
                #expect(answer.headers[.connection] == "close")
            }
        }
    }

    @Test("A body of unknown length is read only up to the limit")
    func unknownLength() async throws {
        let collector = Self.collector()
        let read = try await Self.read(Self.request(parts: [40, 60]), collector)
        #expect(read == Array("x".utf8).repeated(100))
        let error = await #expect(throws: APIError.self) {
            _ = try await Self.read(Self.request(parts: [40, 61, 1_000_000]), collector)
        }
        #expect(error?.status == .contentTooLarge)
    }

    @Test("A body that is declared too large is refused unread")
    func declared() async throws {
        let collector = Self.collector()
        let error = await #expect(throws: APIError.self) {
            _ = try await Self.read(Self.request(parts: [], length: "101"), collector)
        }
        #expect(error?.status == .contentTooLarge)
    }

    @Test("A body that ends before its declared length is refused")
    func brokenOff() async throws {
        let collector = Self.collector()
        let error = await #expect(throws: APIError.self) {
            _ = try await Self.read(Self.request(parts: [40], length: "50"), collector)
        }
        #expect(error?.status == .badRequest)
    }

    @Test("A body that arrives too slowly is answered 408")
    func slow() async throws {
        let clock = TestClock()
        let collector = Self.collector(clock: clock)
        let parts = AsyncStream<ByteBuffer> {
            clock.advance(by: .seconds(11))
            return ByteBuffer(string: "x")
        }
        let request = Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"),
            body: RequestBody(asyncSequence: parts))
        let error = await #expect(throws: APIError.self) { _ = try await Self.read(request, collector) }
        #expect(error?.status == .requestTimeout)
        #expect(clock.now - TestClock.start == .seconds(44))
    }

    @Test("All held bodies share a limit, and each counts until it is handled")
    func held() async throws {
        let collector = Self.collector(held: 150)
        let gate = Gate()
        async let first = collector.withBody(of: Self.request(parts: [60, 40]), from: nil) { body in
            await gate.pass()
            return body.count
        }
        await gate.waitForHeld(1)
        let error = await #expect(throws: APIError.self) {
            _ = try await Self.read(Self.request(parts: [40, 11]), collector)
        }
        #expect(error?.status == .serviceUnavailable)
        #expect(error?.code == "overloaded")
        #expect(error?.retryAfter == 1)
        #expect(error?.closesConnection == true)
        // Bytes of refused bodies are not held any more.
        #expect(try await Self.read(Self.request(parts: [40, 10]), collector).count == 50)
        await gate.open()
        #expect(try await first == 100)
        #expect(try await Self.read(Self.request(parts: [100]), collector).count == 100)
    }

    @Test("Bodies of all endpoints share the limit of what is held")
    func heldByEndpoints() async throws {
        let site = try Site()
        let gate = Gate()
        site.intake.hold(at: gate)
        var limits = APILimits()
        limits.bodyBytesHeld = Self.event.utf8.count + 10
        try await site.test(site.api(limits: limits)) { client async throws in
            async let first = client.publish(Self.event)
            await gate.waitForHeld(1)
            let json: HTTPFields = [.contentType: "application/json"]
            let body = #"{"time_zone":"Europe/Moscow"}"#
            func change() async throws -> Answer {
                try await client.send(.patch, "/v1/recipients/42", headers: json, body: body)
            }
            #expect(try await change().status == .serviceUnavailable)
            let preview = try await client.send(
                .post, "/v1/types/sale_item_changed/preview", headers: json, body: #"{"events":[]}"#)
            #expect(preview.status == .serviceUnavailable)
            await gate.open()
            #expect(try await first.status == .accepted)
            #expect(try await change().status == .ok)
        }
    }

    private static func collector(held: Int = 1000, clock: TestClock = TestClock()) -> BodyCollector {
        BodyCollector(limit: 100, timeout: .seconds(30), budget: BodyBudget(limit: held), clock: clock)
    }

    private static func read(_ request: Request, _ collector: BodyCollector) async throws -> [UInt8] {
        try await collector.withBody(of: request, from: nil) { $0 }
    }

    static func request(body: [UInt8]) -> Request {
        Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"),
            body: RequestBody(buffer: ByteBuffer(bytes: body)))
    }

    private static func request(parts: [Int], length: String? = nil) -> Request {
        var headers = HTTPFields()
        headers[.contentLength] = length
        let buffers = parts.map { ByteBuffer(string: String(repeating: "x", count: $0)) }
        let stream = AsyncStream<ByteBuffer> { continuation in
            for buffer in buffers { continuation.yield(buffer) }
            continuation.finish()
        }
        return Request(
            head: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/", headerFields: headers),
            body: RequestBody(asyncSequence: stream))
    }
}

extension Array {
    fileprivate func repeated(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
