import Foundation
import Testing

@testable import SheafApp

/// Printed forms must never hold a password, a key or a token.
@Suite struct SecretLeakTests {
    /// All printed forms of a value.
    private func everything(of value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value)" + String(reflecting: value) + dumped
    }

    private func leaks(in text: String) -> [String] {
        [String(Secrets.signing.dropFirst(6)), Secrets.password, Secrets.token].filter(text.contains)
    }

    @Test func `settings print no secret`() throws {
        let password = Secrets.password
        let settings = try load(
            """
            store: {url: "postgres://sheaf:\(password)@db:5432/sheaf?sslpassword=\(password)"}
            debouncer: {url: "redis://:\(password)@cache:6379"}
            kafka: {options: {sasl.password: \(password)}}
            gateway: {secret: \(Secrets.signing)}
            http: {tokens: ["\(Secrets.token):read"]}
            """)
        let text = everything(of: settings)
        #expect(text.contains("db"))
        #expect(leaks(in: text) == [])
        #expect(settings.gateway.secret?.exposed == Secrets.signing)
        guard case .postgres(let postgres) = settings.store.url, case .redis(let redis) = settings.debouncer.url else {
            Issue.record("the addresses are of other kinds")
            return
        }
        #expect(postgres.parameters["password"]?.exposed == password)
        #expect(redis.password?.exposed == password)
    }

    @Test(
        arguments: [
            "store: {url: \"postgre://u:hunter2secret@h/d\"}", "store: {url: \"postgres://u:x@hunter2secret@h\"}",
            "store: {url: \"postgres://u:hunter2secret@h:x/d\"}", "store: {url: \"u:hunter2secret@h/d\"}",
            "store: {url: \"hunter2secret@h/d\"}", "store: {url: \"://:hunter2secret\"}",
            "store: {url: \"postgres://u:hunter2secret/@h/d\"}", "debouncer: {url: \"redis://hunter2secret@h:1/x\"}",
            "debouncer: {url: \"rediss://hunter2secret:hunter2secret@h:1/x\"}",
            "queue: {url: \"kafka://u:hunter2secret@h:1\"}",
            "store: {url: \"host=h password=hunter2secret\"}", "store: {url: hunter2secret}",
            "debouncer: {url: \"host=h password = hunter2secret\"}", "queue: {url: \"password='hunter2secret'\"}",
            "gateway: {url: \"host=h password=hunter2secret\"}", "sales: {url: \"password=hunter2secret\"}",
            "databus: {url: [\"kafka://h:1\", \"u:hunter2secret@h:2\"]}",
            "gateway: {url: \"http://u:hunter2secret@h\"}",
            "gateway: {url: \"https://hunter2secret@h/?x\"}", "sales: {url: \"u:hunter2secret@h\"}",
            "items: {url: \"http://h?token=hunter2secret\"}", "gateway: {secret: hunter2secret}",
            "gateway: {secret: whsec_hunter2secret!}", "gateway: {secret: [whsec_hunter2secret]}",
            "gateway: {secret: {hunter2secret: 1}}", "http: {tokens: hunter2secret}",
            "http: {tokens: [\"read:hunter2secret\"]}", "http: {tokens: {hunter2secret: read}}",
            "http: {tokens: [{hunter2secret: read}]}", "http: {tokens: [\"hunter2secret:wrong\"]}",
            "http: {tokens: [\"hunter2secret:read\", \"hunter2secret:read\"]}",
            "gateway:\n  secret: whsec_hunter2secret: x", "http:\n  tokens: [\"hunter2secret:read\"",
            "gateway:\n  secret: \"whsec_hunter2secret\\q\"", "gateway:\n  secret: @hunter2secret",
            "gateway: {secret: \"hunter2secret\", secret: \"hunter2secret\"}",
        ]) func `an error in YAML holds no secret`(_ yaml: String) throws
    {
        #expect(yaml.contains(Secrets.password))
        do {
            _ = try load(yaml)
            Issue.record("this was taken")
        } catch { #expect(leaks(in: everything(of: error)) == []) }
    }

    @Test(
        arguments: [
            #"{"gateway": {"secret": "hunter2secret"}}"#, #"{"gateway": {"secret": hunter2secret}}"#,
            #"{"gateway": {"secret": "hunter2secret\q"}}"#, #"{"gateway": {"secret": "hunter2secret"#,
            #"{"http": {"tokens": ["hunter2secret", 1]}}"#, #"{"http": {"tokens": [{"hunter2secret": "read"}]}}"#,
            #"{"http": {"tokens": {"hunter2secret": "read"}}}"#,
        ]) func `an error in JSON holds no secret`(_ json: String) throws
    {
        do {
            _ = try load(json, as: "sheaf.json")
            Issue.record("this was taken")
        } catch { #expect(leaks(in: everything(of: error)) == []) }
    }

    @Test(arguments: ["STORE_URL", "DEBOUNCER_URL", "QUEUE_URL", "GATEWAY_URL", "GATEWAY_SECRET", "HTTP_TOKENS"])
    func `an error in the environment holds no secret`(_ variable: String) throws {
        for value in ["://u:hunter2secret@h", "redis:hunter2secret", "read:hunter2secret", "x@hunter2secret"] {
            do {
                _ = try load(environment: ["SHEAF_\(variable)": value])
                Issue.record("this was taken")
            } catch { #expect(leaks(in: everything(of: error)) == []) }
        }
    }

    /// Secrets with an address's special characters between their halves, which users should escape.
    static let odd = [
        "@", "/", "?", "#", "%", ":", "[", "]", " ", "+", "&", "=", "\\", "'", "\"", ",", ";", "$", "%40", "@@", "/?",
        "?@",
        "/1?", "://", "%zz", "ё", "\t", "@h/d?x=", "]@[",
    ].map { "hunter2\($0)secret9" }

    @Test(arguments: odd) func `no half of an unusual secret is printed, however it is parsed`(_ secret: String) throws
    {
        let addresses = [
            "STORE_URL": [
                "postgres://sheaf:\(secret)@db:5432/s1", "postgres://\(secret)@db/s1?sslmode=no",
                "postgres://sheaf:1\(secret)@db:5432/s1", "postgresql://sheaf:\(secret)@a:1,b:2/s1",
                "postgres:///s1?host=a&password=\(secret)",
            ],
            "DEBOUNCER_URL": ["redis://:\(secret)@cache:6379/0", "redis://u:1\(secret)@cache:6379/0"],
            "QUEUE_URL": ["kafka://u:\(secret)@h:9092", "kafka://h:1,u:\(secret)@h:9092"],
            "GATEWAY_URL": ["https://u:\(secret)@gateway/v1", "https://u:1/\(secret)@gateway"],
            "GATEWAY_SECRET": [secret, "whsec_\(secret)"],
            "HTTP_TOKENS": [secret, "\(secret):read", "a:read,\(secret):x"],
            "KAFKA_OPTIONS_SASL_PASSWORD": [secret], "HTTP_TLS_KEY": ["-----BEGIN PRIVATE KEY-----\n\(secret)"],
        ]
        for (variable, values) in addresses {
            for value in values where !value.hasPrefix("postgres://\(secret)@") || secret.contains("@") {
                var text: String
                do {
                    let settings = try load(environment: ["SHEAF_\(variable)": value])
                    text = everything(of: settings)
                    if case .postgres(let url) = settings.store.url {
                        // Libpq's own errors show these.
                        text += ["host", "port", "dbname"].map { url.parameters[$0]?.exposed ?? "" }.joined()
                    }
                } catch { text = everything(of: error) }
                #expect(!text.contains("hunter2") && !text.contains("secret9"), "\(variable): \(value)")
            }
        }
    }
}
