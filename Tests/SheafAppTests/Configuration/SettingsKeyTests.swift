import Logging
import SheafCore
import SheafEngine
import SheafHTTP
import Testing

@testable import SheafApp

/// One key: its default, and two values for it.
struct KeyCase: Sendable, CustomTestStringConvertible {
    let key: String
    let byDefault: String
    let inFile: (text: String, value: String)
    let inEnvironment: (text: String, value: String)
    let value: @Sendable (Settings) -> String

    init(
        _ key: String, default byDefault: String, file: (String, String), environment: (String, String),
        _ value: @escaping @Sendable (Settings) -> String
    ) {
        self.key = key
        self.byDefault = byDefault
        inFile = file
        inEnvironment = environment
        self.value = value
    }

    var testDescription: String { key }
    var variable: String { "SHEAF_" + key.uppercased().replacing(".", with: "_") }

    /// `a.b.c: value` as nested mappings; the text is unquoted, as a person would write it.
    var nestedYAML: String {
        let names = key.split(separator: ".")
        let lines = names.enumerated().map { level, name in String(repeating: "  ", count: level) + name + ":" }
        return lines.joined(separator: "\n") + " \(inFile.text)\n"
    }

    /// The same as JSON, with numbers as numbers.
    var json: String {
        let names = key.split(separator: ".")
        let value = Int(inFile.text) == nil ? "\"\(inFile.text)\"" : inFile.text
        return names.map { "{\"\($0)\": " }.joined() + value + String(repeating: "}", count: names.count)
    }
}

@Suite struct SettingsKeyTests {
    @Test(arguments: KeyCase.all) func `a key has its default`(_ key: KeyCase) throws {
        #expect(key.value(try load(environment: [:])) == key.byDefault)
        #expect(key.value(try load("")) == key.byDefault)
    }

    @Test(arguments: KeyCase.all) func `a key is read from YAML, nested or with dots`(_ key: KeyCase) throws {
        #expect(key.value(try load(key.nestedYAML)) == key.inFile.value)
        #expect(key.value(try load("\(key.key): \(key.inFile.text)\n")) == key.inFile.value)
        #expect(key.value(try load("\(key.key): '\(key.inFile.text)'\n")) == key.inFile.value)
    }

    @Test(arguments: KeyCase.all) func `a key is read from JSON as from YAML`(_ key: KeyCase) throws {
        #expect(key.value(try load(key.json, as: "sheaf.json")) == key.inFile.value)
        #expect(try load(key.json, as: "sheaf.json") == load(key.nestedYAML))
    }

    @Test(arguments: KeyCase.all) func `a key is read from the environment, which beats the file`(
        _ key: KeyCase
    ) throws {
        let environment = [key.variable: key.inEnvironment.text]
        #expect(key.value(try load(environment: environment)) == key.inEnvironment.value)
        #expect(key.value(try load(key.nestedYAML, environment: environment)) == key.inEnvironment.value)
        #expect(key.value(try load(key.json, as: "sheaf.json", environment: environment)) == key.inEnvironment.value)
    }

    @Test func `a value in the file is not read if the environment has one`() throws {
        let settings = try load("http: {port: none}", environment: ["SHEAF_HTTP_PORT": "81"])
        #expect(settings.http.port == 81)
    }

    @Test func `the table above names every key`() throws {
        var reader = SettingsReader(sources: [], types: ["sale_item_changed"])
        _ = Settings(reading: &reader)
        let options = ["kafka.options.session.timeout.ms"]
        #expect(Set(KeyCase.all.map(\.key)) == Set(reader.known.keys + options))
    }
}

extension KeyCase {
    static let type = "sale_item_changed"
    static let all: [KeyCase] = stores + services + types + others

    private static let stores: [KeyCase] = [
        KeyCase(
            "store.url", default: #"sqlite(path: "sheaf.db")"#,
            file: ("sqlite:/var/a.db", #"sqlite(path: "/var/a.db")"#),
            environment: ("postgres://u:p@db:5433/sheaf?sslmode=require", "postgres(postgres://u@db:5433/sheaf)")
        ) { "\($0.store.url)" },
        KeyCase("store.synchronous", default: "full", file: ("normal", "normal"), environment: ("full", "full")) {
            $0.store.synchronous.rawValue
        },
        KeyCase("ingest.max_pending", default: "20000", file: ("7", "7"), environment: ("8", "8")) {
            "\($0.ingest.maxPending)"
        },
        KeyCase("ingest.max_backlog", default: "5000000", file: ("7", "7"), environment: ("8", "8")) {
            "\($0.ingest.maxBacklog)"
        },
        KeyCase(
            "debouncer.url", default: "store", file: ("redis://:p@cache:6380/3", "redis(redis://cache:6380/3)"),
            environment: ("store", "store")
        ) { "\($0.debouncer.url)" },
        KeyCase("debouncer.lease", default: "30s", file: ("10s", "10s"), environment: ("3s", "3s")) {
            $0.debouncer.lease.text
        },
        KeyCase(
            "queue.url", default: "store", file: ("kafka://a:9092,b:9093", "kafka(kafka://a:9092,b:9093)"),
            environment: ("store", "store")
        ) { "\($0.queue.url)" },
        KeyCase(
            "databus.url", default: "nil", file: ("kafka://a:9092", "kafka://a:9092"),
            environment: ("kafka://[::1]:9092,c:1", "kafka://[::1]:9092,c:1")
        ) { $0.databus.url.map { "\($0)" } ?? "nil" },
        KeyCase("kafka.group", default: "sheaf", file: ("g", "g"), environment: ("h", "h")) { $0.kafka.group },
        KeyCase("kafka.topic_prefix", default: "", file: ("test.", "test."), environment: ("", "")) {
            $0.kafka.topicPrefix
        },
        KeyCase(
            "kafka.options.session.timeout.ms", default: "nil", file: ("6000", "6000"), environment: ("7000", "7000")
        ) { $0.kafka.options["session.timeout.ms"]?.exposed ?? "nil" },
        KeyCase("redis.shards", default: "1", file: ("16", "16"), environment: ("2", "2")) { "\($0.redis.shards)" },
    ]

    private static let services: [KeyCase] = [
        KeyCase(
            "gateway.url", default: "console", file: ("https://gw:8443/v0/", "http(https://gw:8443/v0)"),
            environment: ("console", "console")
        ) { "\($0.gateway.url)" },
        KeyCase(
            "gateway.secret", default: "nil", file: (Secrets.signing, Secrets.signing),
            environment: ("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
        ) { $0.gateway.secret?.exposed ?? "nil" },
        KeyCase("gateway.timeout", default: "10s", file: ("500ms", "500ms"), environment: ("2m", "2m")) {
            $0.gateway.timeout.text
        },
        KeyCase("gateway.max_attempts", default: "10", file: ("1", "1"), environment: ("3", "3")) {
            "\($0.gateway.maxAttempts)"
        },
        KeyCase("gateway.max_in_flight", default: "128", file: ("1", "1"), environment: ("1024", "1024")) {
            "\($0.gateway.maxInFlight)"
        },
        KeyCase(
            "sales.url", default: "nil", file: ("http://sales", "http://sales"), environment: ("none", "nil")
        ) { $0.sales.url?.text ?? "nil" },
        KeyCase(
            "items.url", default: "nil", file: ("http://[::1]:81/x", "http://[::1]:81/x"),
            environment: ("https://items", "https://items")
        ) { $0.items.url?.text ?? "nil" },
        KeyCase("http.host", default: "127.0.0.1", file: ("localhost", "localhost"), environment: ("[::1]", "::1")) {
            $0.http.host
        },
        KeyCase("http.port", default: "8080", file: ("0", "0"), environment: ("65535", "65535")) { "\($0.http.port)" },
        KeyCase("http.health_port", default: "0", file: ("9090", "9090"), environment: ("65535", "65535")) {
            "\($0.http.healthPort)"
        },
        KeyCase("http.tls.certificate", default: "nil", file: ("a.pem", "a.pem"), environment: ("b.pem", "b.pem")) {
            $0.http.tls.certificate ?? "nil"
        },
        KeyCase("http.tls.key", default: "nil", file: ("a.key", "a.key"), environment: ("b.key", "b.key")) {
            $0.http.tls.key ?? "nil"
        },
        KeyCase(
            "http.tokens", default: "", file: ("a:read,b:publish+admin", "a read; b admin publish"),
            environment: (" c:admin , d-._~+/==:read ", "c admin; d-._~+/== read")
        ) { settings in
            settings.http.tokens.map { token in
                let name = ["a", "b", "c", "d-._~+/=="].first { AccessToken($0, scopes: []).isSameToken(as: token) }
                return ([name ?? "unknown"] + token.scopes.map(\.rawValue).sorted()).joined(separator: " ")
            }.joined(separator: "; ")
        },
    ]

    private static let types: [KeyCase] = [
        KeyCase("types.folder", default: "nil", file: ("/etc/types", "/etc/types"), environment: ("types", "types")) {
            $0.typesFolder ?? "nil"
        },
        KeyCase(
            "types.\(type).delivery", default: "nil", file: ("immediate", "immediate"),
            environment: ("debounced", "debounced")
        ) { $0.types[type]?.delivery?.rawValue ?? "nil" },
        KeyCase("types.\(type).window", default: "nil", file: ("1h", "1h"), environment: ("60s", "1m")) {
            $0.types[type]?.window?.text ?? "nil"
        },
        KeyCase("types.\(type).mode", default: "nil", file: ("sliding", "sliding"), environment: ("leading", "leading"))
        {
            $0.types[type]?.mode?.rawValue ?? "nil"
        },
        KeyCase("types.\(type).max_wait", default: "nil", file: ("20m", "20m"), environment: ("1ms", "1ms")) {
            $0.types[type]?.maxWait?.text ?? "nil"
        },
        KeyCase("types.\(type).max_events", default: "nil", file: ("5", "5"), environment: ("1", "1")) {
            $0.types[type]?.maxEvents.map(String.init) ?? "nil"
        },
    ]

    private static let others: [KeyCase] = [
        KeyCase("locale", default: "ru", file: ("en", "en"), environment: ("ru", "ru")) { $0.locale.rawValue },
        KeyCase("time_zone", default: "UTC", file: ("Europe/Moscow", "Europe/Moscow"), environment: ("UTC", "UTC")) {
            $0.timeZone
        },
        KeyCase("retention.events", default: "2160h", file: ("24h", "24h"), environment: ("1s", "1s")) {
            $0.retention.events.text
        },
        KeyCase("retention.notifications", default: "2160h", file: ("24h", "24h"), environment: ("1s", "1s")) {
            $0.retention.notifications.text
        },
        KeyCase("retention.dead_letters", default: "2160h", file: ("24h", "24h"), environment: ("1s", "1s")) {
            $0.retention.deadLetters.text
        },
        KeyCase("log.level", default: "info", file: ("trace", "trace"), environment: ("error", "error")) {
            $0.log.level.rawValue
        },
        KeyCase("log.format", default: "text", file: ("json", "json"), environment: ("text", "text")) {
            $0.log.format.rawValue
        },
        KeyCase(
            "tracing.url", default: "nil", file: ("http://otel:4318/", "http://otel:4318"),
            environment: ("none", "nil")
        ) { $0.tracing.url?.text ?? "nil" },
        KeyCase("tracing.sample_ratio", default: "0.1", file: ("1", "1.0"), environment: ("0.25", "0.25")) {
            "\($0.tracing.sampleRatio)"
        },
        KeyCase("startup.timeout", default: "30s", file: ("0s", "0s"), environment: ("1s", "1s")) {
            $0.startup.timeout.text
        },
        KeyCase("shutdown.timeout", default: "25s", file: ("5s", "5s"), environment: ("1m", "1m")) {
            $0.shutdown.timeout.text
        },
        KeyCase("shutdown.drain", default: "1s", file: ("5s", "5s"), environment: ("0s", "0s")) {
            $0.shutdown.drain.text
        },
    ]
}
