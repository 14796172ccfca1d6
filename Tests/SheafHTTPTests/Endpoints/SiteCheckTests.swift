import HTTPTypes
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Pages of other sites, without tokens", .timeLimit(.minutes(1)))
struct SiteCheckTests {
    private static func isAllowed(host: String?, origin: String? = nil) -> Bool {
        var head = HTTPRequest(method: .post, scheme: nil, authority: host, path: "/v1/events")
        head.headerFields[.origin] = origin
        do { try SiteCheck.check(head) } catch {
            #expect(error.status == .forbidden)
            return false
        }
        return true
    }

    @Test(
        "Local host names are accepted",
        arguments: [
            nil, "localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "127.8.9.10:65535", "[::1]", "[::1]:8080",
        ])
    func ownNames(host: String?) { #expect(Self.isAllowed(host: host)) }

    @Test(
        "Any other host name is refused",
        arguments: [
            "", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.0.1",
            "0.0.0.0", "[::2]", "evil@localhost", "localhost:8080:8080", "127.0.0.1, evil.example",
        ])
    func otherNames(host: String) { #expect(!Self.isAllowed(host: host)) }

    @Test("A page may send requests to its own origin only, over TLS or not")
    func origins() {
        #expect(Self.isAllowed(host: "localhost:8080", origin: "http://localhost:8080"))
        #expect(Self.isAllowed(host: "LOCALHOST", origin: "https://localhost"))
        #expect(Self.isAllowed(host: "[::1]:1", origin: "http://[::1]:1"))
        for origin in [
            "https://evil.example", "null", "", "http://localhost:3000", "http://127.0.0.1:8080", "localhost:8080",
            "file://localhost:8080", "http://localhost:8080.evil.example",
        ] {
            #expect(!Self.isAllowed(host: "localhost:8080", origin: origin), "\(origin)")
        }
        #expect(!Self.isAllowed(host: nil, origin: "http://localhost"))
    }

    @Test("A page of another site is refused; probes and the console page are served under any name")
    func answers() async throws {
        let site = try Site()
        try await HTTPServerTests.serve(site.api()) { port, _ in
            try await RawConnection.open(port: port) { connection in
                let event = PublishTests.event
                for head in ["Host: evil.example", "Host: localhost\r\nOrigin: http://evil.example"] {
                    // A request that a page's form can send without a preflight.
                    try await connection.write(
                        "POST /v1/events HTTP/1.1\r\n\(head)\r\nContent-Length: \(event.utf8.count)\r\n\r\n\(event)")
                    let answer = try await connection.read(until: "}}")
                    #expect(answer.hasPrefix("HTTP/1.1 403 "))
                    #expect(answer.contains(#"{"error":{"code":"forbidden","message":"without http.tokens "#))
                }
                for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/"] {
                    try await connection.write("HEAD \(path) HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                    #expect(try await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "), "\(path)")
                }
            }
        }
        #expect(site.intake.entries.isEmpty)
    }

    @Test("With tokens any host name is accepted")
    func tokens() async throws {
        let site = try Site()
        let api = API(
            intake: site.intake, operations: site.operations(), metrics: { "" }, clock: site.clock,
            tokens: AccessTests.tokens, types: site.types)
        try await HTTPServerTests.serve(api) { port, _ in
            try await RawConnection.open(port: port) { connection in
                try await connection.write(
                    "GET /v1/stats HTTP/1.1\r\nHost: sheaf.example\r\nOrigin: https://other.example\r\n"
                        + "Authorization: Bearer t-read\r\n\r\n")
                #expect(try await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 "))
            }
        }
    }
}
