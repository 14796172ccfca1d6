import HTTPTypes
import Hummingbird
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Routes", .timeLimit(.minutes(1)))
struct RoutingTests {
    @Test(
        "An unknown path is answered 404 in the API's form",
        arguments: ["/v1", "/v1/nothing", "/v1/events/a/b", "/v2/events", "/V1/stats", "/v1/recipients/42/x"])
    func unknownPath(path: String) async throws {
        try await Site().test { client async throws in
            for method in [HTTPRequest.Method.get, .post, .put] {
                let answer = try await client.send(method, path)
                #expect(answer.status == .notFound)
                #expect(
                    try answer.json
                        == ["error": ["code": "not_found", "message": "there is nothing at this path"]])
            }
        }
    }

    @Test(
        "An unsupported method is answered 405 with the supported ones",
        arguments: [
            (.get, "/v1/events", "POST, OPTIONS"), (.post, "/v1/events/a", "GET, HEAD"),
            (.put, "/v1/stats", "GET, HEAD"),
            (.post, "/v1/recipients/42", "GET, HEAD, PATCH, DELETE"),
            (.get, "/v1/recipients/42/notifications/read-all", "POST"), (.options, "/v1/windows", "GET, HEAD"),
            (.delete, "/v1/windows/a:1/flush", "POST"), (.post, "/healthz", "GET, HEAD"),
        ] as [(HTTPRequest.Method, String, String)])
    func otherMethod(method: HTTPRequest.Method, path: String, allow: String) async throws {
        try await Site().test { client async throws in
            let answer = try await client.send(method, path)
            #expect(answer.status == .methodNotAllowed)
            #expect(answer.headers[.allow] == allow)
            #expect(try answer.errorCode == "method_not_allowed")
        }
    }

    @Test(
        "A CloudEvents sender that asks is allowed any origin and rate; another OPTIONS request is granted nothing")
    func webHook() async throws {
        try await Site().test { client async throws in
            let origin = HTTPFields(["WebHook-Request-Origin": "events.example.com", "WebHook-Request-Rate": "120"])
            let granted = try await client.send(.options, "/v1/events", headers: origin)
            #expect(granted.status == .ok)
            #expect(granted.headers[.allow] == "POST, OPTIONS")
            let permission = granted.headers.filter { $0.name.canonicalName.hasPrefix("webhook") }.map(\.description)
            #expect(permission == ["WebHook-Allowed-Origin: events.example.com", "WebHook-Allowed-Rate: *"])
            for headers in [[:], HTTPFields(["WebHook-Request-Rate": "1"]), HTTPFields(["Origin": "http://x"])] {
                let plain = try await client.send(.options, "/v1/events", headers: headers)
                #expect(plain.status == .ok)
                #expect(plain.headers[.allow] == "POST, OPTIONS")
                #expect(!plain.headers.contains { $0.name.canonicalName.hasPrefix("webhook") })
                #expect(plain.headers[.accessControlAllowOrigin] == nil)
            }
        }
    }

    @Test("Every GET path also answers HEAD")
    func head() async throws {
        try await Site().test { client async throws in
            let answer = try await client.send(.head, "/v1/stats")
            #expect(answer.status == .ok)
            #expect(answer.text.isEmpty)
            for (path, status) in [("/nothing", HTTPResponse.Status.notFound), ("/v1/events", .methodNotAllowed)] {
                let refused = try await client.send(.head, path)
                #expect(refused.status == status)
                #expect(refused.text.isEmpty)
            }
        }
    }

    @Test("Requests above the limit are refused; probes and Prometheus are still answered")
    func limit() async throws {
        let site = try Site()
        let gate = Gate()
        site.intake.hold(at: gate)
        try await site.test(site.api(limits: APILimits(concurrentRequests: 2))) { client async throws in
            async let first = client.publish(PublishTests.event)
            async let second = client.publish(PublishTests.event)
            await gate.waitForHeld(2)
            let answer = try await client.get("/v1/stats")
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "1")
            #expect(try answer.errorCode == "overloaded")
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await client.get(path).status == .ok)
                #expect(try await client.send(.head, path).status == .ok)
            }
            await gate.open()
            #expect(try await first.status == .accepted)
            #expect(try await second.status == .accepted)
            #expect(try await client.get("/v1/stats").status == .ok)
        }
    }
}
