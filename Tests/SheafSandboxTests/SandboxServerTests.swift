import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1
import SheafSandbox
import Testing

@Suite struct SandboxServerTests {
    // MARK: - Marketplace

    @Test func `items have the same status and title every time`() async throws {
        try await serving { sandbox in
            let (status, sales) = try await sandbox.get("/v1/sales/7/items?ids=1,4,-3,0", as: Items.self)
            #expect(status == 200)
            #expect(sales.items.map(\.id) == [1, 4, -3, 0])
            #expect(sales.items.map(\.status) == ["banned", "active", "banned", "active"])
            let (_, items) = try await sandbox.get("/v1/items?ids=1%2C24", as: Items.self)
            #expect(items.items.map(\.title) == ["Кроссовки беговые, арт. 1", "Кроссовки беговые, арт. 24"])
        }
        #expect(SandboxItem(id: .min).title.hasSuffix("арт. -9223372036854775808"))
    }

    @Test(arguments: [
        "/v1/items", "/v1/items?ids=", "/v1/items?ids=1,", "/v1/items?ids=a", "/v1/items?ids=9223372036854775808",
        "/v1/sales/x/items?ids=1", "/v1/sales/7/items",
        "/v1/items?ids=" + (1...101).map(String.init).joined(separator: ","),
    ])
    func `an invalid request is answered 400`(_ path: String) async throws {
        try await serving { sandbox in
            let (status, failure) = try await sandbox.get(path, as: Failure.self)
            #expect(status == 400)
            #expect(failure.error.code == "invalid")
        }
    }

    // MARK: - Gateway

    @Test func `a key is accepted once and answered the same every time`() async throws {
        try await serving { sandbox in
            for _ in 0..<3 {
                let (status, text) = try await sandbox.post(notification("n1"), key: "n1")
                #expect(status == 200)
                #expect(text == #"{"status":"accepted"}"#)
            }
            _ = try await sandbox.post(notification("n2"), key: "n2")
            let (_, listing) = try await sandbox.get("/v1/notifications", as: Listing.self)
            #expect((listing.accepted, listing.duplicates, listing.rejected) == (2, 2, 0))
            #expect(listing.items.map(\.id) == ["n2", "n1"])
            #expect(listing.items.first?.listTitle == "Исключили 22 товара из распродажи")
            let (_, one) = try await sandbox.get("/v1/notifications?limit=1", as: Listing.self)
            #expect(one.items.map(\.id) == ["n2"])
            let (_, none) = try await sandbox.get("/v1/notifications?limit=-1", as: Listing.self)
            #expect(none.items.isEmpty)
        }
    }

    @Test func `an invalid notification is refused by its field`() async throws {
        try await serving { sandbox in
            for field in [
                "id", "recipient_id", "type", "list_title", "list_description", "full_title", "full_text",
                "event_count", "created_at",
            ] {
                let body = notification("n1").replacing("\"\(field)\":", with: "\"other\":")
                let (status, text) = try await sandbox.post(body, key: "n1")
                #expect(status == 400)
                #expect(text.contains(#""field":"\#(field)""#))
            }
            for (body, key) in [
                ("", "n1"), ("[]", "n1"), ("{", "n1"), (notification("n1"), nil), (notification("n1"), "n2"),
                (notification("n1").replacing(":22", with: ":0"), "n1"),
                (notification("n1").replacing(":42", with: ":\"42\""), "n1"),
            ] {
                #expect(try await sandbox.post(body, key: key).0 == 400)
            }
            let large = notification("n1").replacing("22 товара", with: String(repeating: "x", count: 300_000))
            #expect(try await sandbox.post(large, key: "n1").0 == 413)
            let (_, listing) = try await sandbox.get("/v1/notifications", as: Listing.self)
            #expect((listing.accepted, listing.duplicates, listing.rejected) == (0, 0, 17))
        }
    }

    @Test func `only the newest notifications are kept`() async throws {
        try await serving(SandboxOptions(keptNotifications: 3)) { sandbox in
            for number in 1...5 { _ = try await sandbox.post(notification("n\(number)"), key: "n\(number)") }
            _ = try await sandbox.post(notification("n5"), key: "n5")
            _ = try await sandbox.post(notification("n1"), key: "n1")
            let counts = await sandbox.server.inbox.counts
            #expect((counts.accepted, counts.duplicates) == (6, 1))
            #expect(await sandbox.server.inbox.latest(10).map(\.id) == ["n1", "n5", "n4"])
        }
    }

    // MARK: - Simulated failures

    @Test func `failures have the configured rate, and are the same for the same seed`() async throws {
        let options = SandboxOptions(failureRate: 0.5, seed: 7)
        var runs: [[UInt]] = []
        for _ in 0..<2 {
            runs.append(
                try await serving(options) { sandbox in
                    var statuses: [UInt] = []
                    for number in 0..<60 {
                        statuses.append(try await sandbox.post(notification("n\(number)"), key: "n\(number)").0)
                    }
                    let failures = statuses.count { $0 == 503 }
                    #expect((15...45).contains(failures))
                    // Some requests answered with a failure were accepted: their responses were lost.
                    let accepted = await sandbox.server.inbox.counts.accepted
                    #expect(accepted > statuses.count - failures)
                    #expect(accepted < statuses.count)
                    return statuses
                })
        }
        #expect(runs[0] == runs[1])
    }

    @Test func `at a rate of one everything fails but the listing`() async throws {
        try await serving(SandboxOptions(failureRate: 1)) { sandbox in
            for path in ["/v1/items?ids=1", "/v1/sales/7/items?ids=1"] {
                let (status, failure) = try await sandbox.get(path, as: Failure.self)
                #expect(status == 503)
                #expect(failure.error.code == "unavailable")
            }
            #expect(try await sandbox.get("/v1/notifications", as: Listing.self).0 == 200)
        }
    }

    @Test func `responses are delayed by the latency`() async throws {
        try await serving(SandboxOptions(latency: .milliseconds(60))) { sandbox in
            let elapsed = try await ContinuousClock().measure {
                _ = try await sandbox.get("/v1/items?ids=1", as: Items.self)
            }
            #expect(elapsed >= .milliseconds(30))
        }
    }

    // MARK: - Life

    @Test func `waiting for the port of a server that cannot listen fails`() async throws {
        try await serving { sandbox in
            let other = SandboxServer(options: SandboxOptions(port: sandbox.port), logger: quiet)
            let port = Task { try await other.port }
            await #expect(throws: (any Error).self) { try await other.run() }
            await #expect(throws: SandboxEnded.self) { try await port.value }
        }
    }

    @Test func `the port can be read at any time`() async throws {
        try await serving { sandbox in
            let port = try await sandbox.server.port
            #expect(port == sandbox.port)
            #expect(port > 0)
        }
    }
}

// MARK: - Helpers

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

private struct Items: Decodable {
    struct Item: Decodable {
        let id: Int64
        let status: String?
        let title: String?
    }
    let items: [Item]
}

private struct Failure: Decodable {
    struct Detail: Decodable {
        let code: String
        let message: String
    }
    let error: Detail
}

private struct Listing: Decodable {
    let accepted: Int
    let duplicates: Int
    let rejected: Int
    let items: [SandboxNotification]
}

private func notification(_ id: String) -> String {
    """
    {"id":"\(id)","recipient_id":42,"type":"sale_item_changed","list_title":"Исключили 22 товара из распродажи",
    "list_description":"d","full_title":"t","full_text":"f","event_count":22,"created_at":"2026-11-23T09:00:00.000Z"}
    """
}

private struct RunningSandbox: Sendable {
    let server: SandboxServer
    let port: Int

    func get<Answer: Decodable>(_ path: String, as _: Answer.Type) async throws -> (UInt, Answer) {
        let (status, body) = try await send(HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)"))
        return (status, try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)))
    }

    func post(_ text: String, key: String?) async throws -> (UInt, String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/notifications")
        request.method = .POST
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        request.body = .bytes(ByteBuffer(string: text))
        let (status, body) = try await send(request)
        return (status, String(buffer: body))
    }

    private func send(_ request: HTTPClientRequest) async throws -> (UInt, ByteBuffer) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return (response.status.code, try await response.body.collect(upTo: 1 << 20))
    }
}

private func serving<Value: Sendable>(
    _ options: SandboxOptions = SandboxOptions(), _ body: (RunningSandbox) async throws -> Value
) async throws -> Value {
    let server = SandboxServer(options: options, logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await server.run() }
        return try await body(RunningSandbox(server: server, port: try await server.port))
    }
}
