import AsyncHTTPClient
import Foundation
import HTTPTypes
import ServiceCalls
import SheafCore
import Testing

@testable import SheafGateway

@Suite("Requests of the HTTP gateway")
struct HTTPGatewayRequestTests {
    private func sent(
        _ notification: UserNotification = Samples.notification(), path: String = "", secret: String? = nil
    ) async throws -> RecordingServer.Received {
        try await RecordingServer.run { url, server in
            try await withClient { client in
                let gateway = HTTPGateway(
                    url: try #require(HTTPURL(url + path)),
                    secret: try secret.map { text throws(SheafError) in try SigningSecret(text) },
                    client: client, wallClock: { Timestamp(microseconds: 1_614_265_330_999_999) })
                let outcome = await gateway.send(notification, type: "sale_item_changed")
                #expect(outcome == .delivered(httpStatus: 202))
            }
            return try #require(server.received.first)
        }
    }

    @Test(
        "It posts to /v1/notifications below the address",
        arguments: [
            ("", "/v1/notifications"), ("/", "/v1/notifications"), ("//", "/v1/notifications"),
            ("/in/side", "/in/side/v1/notifications"), ("/in/side/", "/in/side/v1/notifications"),
        ])
    func path(configured: String, expected: String) async throws {
        let request = try await sent(path: configured)
        #expect(request.path == expected)
        #expect(request.method == .post)
    }

    @Test("The body is the notification without its state")
    func body() async throws {
        let request = try await sent()
        let body = try #require(try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? NSDictionary)
        let expected: NSDictionary = [
            "id": "01935a00-0000-7001-8000-00000000002a", "recipient_id": 42, "type": "sale_item_changed",
            "list_title": "Исключили 21 товар из распродажи", "list_description": "Больше не подходят под условия",
            "full_title": "Заголовок", "full_text": "Текст с / и \"кавычками\"", "event_count": 21,
            "created_at": "2026-11-23T09:00:00.123Z", "category": "general", "importance": "normal",
        ]
        #expect(body == expected)
    }

    @Test("Headers hold the type, the key, the id and the wall clock's seconds")
    func headers() async throws {
        let request = try await sent()
        #expect(request["content-type"] == "application/json")
        #expect(request["idempotency-key"] == "01935a00-0000-7001-8000-00000000002a")
        #expect(request["webhook-id"] == "01935a00-0000-7001-8000-00000000002a")
        #expect(request["webhook-timestamp"] == "1614265330")
        #expect(request["content-length"] == String(request.body.utf8.count))
        #expect(request["webhook-signature"] == nil)
    }

    @Test("With a secret the request is signed")
    func signature() async throws {
        let request = try await sent(secret: Samples.secret)
        let expected = try SigningSecret(Samples.secret).signature(
            id: "01935a00-0000-7001-8000-00000000002a", timestamp: "1614265330", body: Data(request.body.utf8))
        #expect(request["webhook-signature"] == expected)
    }

    @Test("Attempts at a notification have the same body and id, and each its own span")
    func attempts() async throws {
        let requests = try await RecordingServer.run { url, server in
            try await withClient { client in
                let gateway = HTTPGateway(url: try #require(HTTPURL(url)), client: client)
                for _ in 0..<2 { _ = await gateway.send(Samples.notification(), type: "t") }
            }
            return server.received
        }
        #expect(requests.count == 2)
        #expect(Set(requests.map(\.body)).count == 1)
        #expect(Set(requests.map { $0["idempotency-key"] }).count == 1)
        #expect(Set(requests.map { $0["traceparent"] }).count == 2)
    }

    @Test("The notification's trace continues with a new span")
    func trace() async throws {
        let origin = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00 vendor=1,other=2"
        let request = try await sent(Samples.notification(traceParent: origin))
        let header = try #require(request["traceparent"])
        let parsed = try #require(TraceContext(parent: header))
        #expect(request["tracestate"] == "vendor=1,other=2")
        #expect(header.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
        #expect(parsed.span != 0x00f0_67aa_0ba9_02b7)
        #expect(!parsed.isSampled)
    }

    @Test("Without a valid trace one is named after the notification", arguments: [nil, "", "00-0-0-00"])
    func newTrace(traceParent: String?) async throws {
        let header = try #require(try await sent(Samples.notification(traceParent: traceParent))["traceparent"])
        #expect(header.hasPrefix("00-01935a0000007001800000000000002a-"))
        #expect(TraceContext(parent: header)?.isSampled == true)
    }
}
