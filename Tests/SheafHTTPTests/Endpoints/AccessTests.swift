import HTTPTypes
import Hummingbird
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Access", .timeLimit(.minutes(1)))
struct AccessTests {
    static let tokens = AccessToken.Scope.allCases.map { AccessToken("t-\($0.rawValue)", scopes: [$0]) }

    @Test("An endpoint accepts only tokens with its scope; endpoints without a scope accept every request")
    func scopes() async throws {
        let site = try Site()
        let api = API(
            intake: site.intake, operations: site.operations(), metrics: { "" }, clock: site.clock,
            tokens: Self.tokens, types: site.types)
        try await site.test(api) { client async throws in
            for endpoint in api.endpoints {
                let path =
                    "/"
                    + endpoint.path.description.replacing("{file}", with: "api.js")
                    .replacing("{", with: "").replacing("}", with: "")
                let none = try await client.send(endpoint.method, path)
                guard let scope = endpoint.scope else {
                    #expect(none.status == .ok)
                    continue
                }
                #expect(none.status == .unauthorized)
                #expect(none.headers[.wwwAuthenticate] == "Bearer realm=\"sheaf\"")
                #expect(try none.errorCode == "unauthorized")
                if endpoint.method == .get { #expect(try await client.send(.head, path).status == .unauthorized) }
                for wrong in ["Bearer t", "Bearer", "Basic t-\(scope.rawValue)", "t-\(scope.rawValue)", ""] {
                    let answer = try await client.send(endpoint.method, path, headers: [.authorization: wrong])
                    #expect(answer.status == .unauthorized, "\(path) with \(wrong)")
                    #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
                }
                // The stream has no end to wait for.
                for other in AccessToken.Scope.allCases where other != scope || !path.hasSuffix("stream") {
                    let answer = try await client.send(
                        endpoint.method, path, headers: [.authorization: "bearer t-\(other.rawValue)"])
                    #expect((answer.status == .forbidden) == (other != scope), "\(path) with \(other)")
                    guard other != scope else { continue }
                    #expect(try answer.errorCode == "forbidden")
                    #expect(answer.headers[.wwwAuthenticate]?.contains("scope=\"\(scope.rawValue)\"") == true)
                }
            }
        }
    }

    @Test("A token can have several scopes and is never printed")
    func several() {
        let token = AccessToken("hunter2", scopes: [.read, .admin])
        #expect(token.isSameToken(as: AccessToken("hunter2", scopes: [])))
        #expect(!token.isSameToken(as: AccessToken("hunter3", scopes: [.read, .admin])))
        #expect("\(token) \(String(reflecting: token))" == "[redacted] [redacted]")
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test("Only a token's digest is kept")
    func digest() {
        let text = "hunter2"
        withUnsafeBytes(of: AccessToken(text, scopes: [])) { bytes in
            #expect(bytes.firstRange(of: Array(text.utf8)) == nil)
            // The digest of sha256sum.
            #expect(
                bytes.starts(
                    with: [
                        0xf5, 0x2f, 0xbd, 0x32, 0xb2, 0xb3, 0xb8, 0x6f, 0xf8, 0x8e, 0xf6, 0xc4, 0x90, 0x62, 0x82, 0x85,
                    ]))
        }
    }

    @Test("Over TLS browsers must return over TLS, except to local host names")
    func strictTransport() {
        func isStrict(_ host: String?, isSecure: Bool = true) -> Bool {
            SecurityHeaders(isSecure: isSecure).fields(for: host).contains { $0.name == .strictTransportSecurity }
        }
        #expect(isStrict("sheaf.example") && isStrict("sheaf.example:8443"))
        #expect(!isStrict("sheaf.example", isSecure: false))
        #expect(!isStrict("Localhost:8443") && !isStrict("127.0.0.1") && !isStrict(nil))
    }

    @Test("Every response, even a refusal, has the security headers for browsers")
    func securityHeaders() async throws {
        try await Site().test { client async throws in
            for path in ["/healthz", "/v1/stats", "/nothing"] {
                let headers = try await client.get(path).headers
                #expect(headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; script-src 'self'") == true)
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers.contains { $0.name.canonicalName == "referrer-policy" && $0.value == "no-referrer" })
            }
        }
    }
}
