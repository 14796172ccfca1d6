import Foundation
import SheafCore
import SheafHTTP
import Testing

@testable import SheafApp

@Suite struct SettingsFileTests {
    static let yaml = """
        # All that a distributed set-up needs.
        store: {url: "postgres://sheaf:pw@db:5432/sheaf"}
        debouncer:
          url: redis://cache:6379
        queue: {url: "kafka://k1:9092,k2:9092"}
        databus:
          url: [kafka://k1:9092, k2:9092]
        kafka:
          topic_prefix: ""
          options:
            session.timeout.ms: 6000
            socket.keepalive.enable: true
            linger: {ms: 0.5}
            topic.blacklist: [a, b]
        http:
          host: 0.0.0.0
          port: 80
          tokens:
            - one:publish+read
            - two:admin
        types:
          sale_item_changed: {window: 5m, mode: sliding, max_events: 500}
        """
    static let json = """
        {"store.url": "postgres://sheaf:pw@db:5432/sheaf", "debouncer": {"url": "redis://cache:6379"},
         "queue": {"url": ["kafka://k1:9092", "k2:9092"]}, "databus": {"url": "kafka://k1:9092,k2:9092"},
         "kafka": {"topic_prefix": "", "options": {"session.timeout.ms": 6000, "socket.keepalive.enable": true,
           "linger.ms": 0.5, "topic.blacklist": ["a", "b"]}, "group": null},
         "http": {"host": "0.0.0.0", "port": 80, "tokens": "one:publish+read, two:admin"},
         "types": {"sale_item_changed": {"window": "5m", "mode": "sliding", "max_events": 500}}}
        """

    @Test func `YAML and JSON give equal settings`() throws {
        let settings = try load(Self.yaml)
        #expect(try load(Self.json, as: "sheaf.json") == settings)
        #expect(settings.databus.url?.brokers == ["k1:9092", "k2:9092"])
        #expect(settings.kafka.group == "sheaf")
        #expect(
            settings.kafka.options.mapValues(\.exposed) == [
                "session.timeout.ms": "6000", "socket.keepalive.enable": "true", "linger.ms": "0.5",
                "topic.blacklist": "a,b",
            ])
        #expect(settings.http.tokens.map(\.scopes) == [[.publish, .read], [.admin]])
    }

    @Test func `the format follows from the name, or else from the contents`() throws {
        for name in ["sheaf.yml", "sheaf.YAML", "sheaf.conf", "sheaf"] {
            #expect(try load("locale: en", as: name).locale == .english)
        }
        for name in ["sheaf.JSON", "sheaf.conf", "sheaf"] {
            #expect(try load("\n {\"locale\": \"en\"}", as: name).locale == .english)
        }
        #expect(try load("{locale: en}", as: "sheaf.conf").locale == .english)
        #expect(try problems { try load("{locale: en", as: "sheaf.conf") }.first?.contains("is not JSON") == true)
    }

    @Test func `an empty file, comments and empty sections set nothing`() throws {
        for yaml in ["", "\n", "# nothing", "---\n# nothing\n...\n", "store:\n  # url: x\nkafka:\n  options:\n", "{}"] {
            #expect(try load(yaml) == load(environment: [:]))
        }
        #expect(try load("{}", as: "sheaf.json") == load(environment: [:]))
    }

    @Test func `null counts as a missing key`() throws {
        #expect(try load("locale: null\ngateway: {secret: ~}") == load(environment: [:]))
        #expect(try load(#"{"locale": null}"#, as: "sheaf.json") == load(environment: [:]))
    }

    @Test func `a byte order mark does no harm`() throws {
        #expect(try load("\u{FEFF}locale: en").locale == .english)
        #expect(try load("\u{FEFF}{\"locale\": \"en\"}", as: "sheaf.json").locale == .english)
    }

    @Test(arguments: ["sheaf.yaml", "sheaf.json"]) func `bytes that are not UTF-8 are refused`(_ name: String) throws {
        let problems = try problems { try load(Data([0xFF, 0xFE, 0x00]), as: name) }
        #expect(problems.first?.contains("\(name): is not UTF-8 text") == true)
    }

    @Test func `options of librdkafka come from file and environment together`() throws {
        let settings = try load(
            "kafka.options: {message.max.bytes: 1000, linger.ms: 2}",
            environment: ["SHEAF_KAFKA_OPTIONS_MESSAGE_MAX_BYTES": "3000", "SHEAF_KAFKA_OPTIONS_CLIENT_RACK": ""])
        #expect(
            settings.kafka.options.mapValues(\.exposed) == [
                "message.max.bytes": "3000", "linger.ms": "2", "client.rack": "",
            ])
    }

    @Test func `every known type has settings, even by default`() throws {
        let settings = try load("types: {sale_seller_status_changed: {window: 1s}}").types
        #expect(Set(settings.keys) == Set(types.keys))
        #expect(settings["sale_item_changed"] == TypeSettings())
    }
}
