import SheafCore
import SheafHTTP
import Testing

@testable import SheafApp

@Suite struct SettingsPartsTests {
    private let own = WindowPolicy(mode: .leading, length: .seconds(7), maxWait: .seconds(70), maxEvents: 3)

    @Test func `a type without settings keeps its own policy`() {
        #expect(TypeSettings().policy(over: .immediate) == .immediate)
        #expect(TypeSettings().policy(over: .debounced(own)) == .debounced(own))
    }

    @Test func `settings of a type replace what they name`() {
        let settings = TypeSettings(window: .seconds(5), maxEvents: 9)
        #expect(
            settings.policy(over: .debounced(own))
                == .debounced(WindowPolicy(mode: .leading, length: .seconds(5), maxWait: .seconds(70), maxEvents: 9)))
        #expect(settings.policy(over: .immediate) == .immediate)
    }

    @Test func `the delivery of a type can be reversed`() {
        #expect(TypeSettings(delivery: .immediate).policy(over: .debounced(own)) == .immediate)
        #expect(TypeSettings(delivery: .debounced).policy(over: .immediate) == .debounced(WindowPolicy()))
    }

    @Test func `a configured window takes precedence over a time of day`() throws {
        let schedule = DeliverySchedule(at: try #require(TimeOfDay("09:00")), days: [.mon])
        #expect(TypeSettings().policy(over: .scheduled(schedule)) == .scheduled(schedule))
        #expect(
            TypeSettings(maxEvents: 5).policy(over: .scheduled(schedule)) == .scheduled(schedule.with(maxEvents: 5)))
        #expect(
            TypeSettings(window: .seconds(5)).policy(over: .scheduled(schedule))
                == .debounced(WindowPolicy(length: .seconds(5))))
        #expect(TypeSettings(delivery: .debounced).policy(over: .scheduled(schedule)) == .debounced(WindowPolicy()))
        #expect(TypeSettings(delivery: .immediate).policy(over: .scheduled(schedule)) == .immediate)
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "localhost", "::1", "[::1]"])
    func `only this machine reaches loopback`(_ host: String) { #expect(ListenHost(host)?.isLoopback == true) }

    @Test(arguments: [
        "0.0.0.0", "::", "128.0.0.1", "127.0.0.1.example", "127.0.0.256", "127.1", "example.com", "fe80::1%eth0",
    ])
    func `any other host is reachable from outside`(_ host: String) { #expect(ListenHost(host)?.isLoopback == false) }

    @Test(arguments: ["", "a b", "http://a", "a:80", "a/b", "[a]", "ä"])
    func `an invalid host is refused`(_ host: String) { #expect(ListenHost(host) == nil) }

    @Test func `the edit distance counts typing errors`() {
        #expect("store.url".editDistance(to: "store.url") == 0)
        #expect("Store-URL".editDistance(to: "store_url") == 0)
        #expect("stroe.url".editDistance(to: "store.url") == 2)
        #expect("".editDistance(to: "abc") == 3)
        #expect("kitten".editDistance(to: "sitting") == 3)
    }

    @Test func `only similar names are suggested`() {
        #expect("store.uri".nearest(among: ["http.port", "store.url"]) == "store.url")
        #expect("frobnicate".nearest(among: ["http.port", "store.url"]) == nil)
        #expect("x".nearest(among: []) == nil)
    }

    @Test func `a Redis address may leave out port and database`() throws {
        let url = try #require(RedisURL("redis://:p%40ss@cache"))
        #expect(url.host == "cache" && url.port == 6379 && url.password == Secret("p@ss") && url.database == 0)
        #expect(url.description == "redis://cache:6379/0")
    }

    @Test func `a Redis address may name a user, and ask for TLS`() throws {
        let plain = try #require(RedisURL("redis://sheaf:p%3Ass@cache:6380/2"))
        #expect(plain.user == "sheaf" && plain.password == Secret("p:ss") && !plain.isEncrypted)
        let system = try #require(RedisURL("rediss://default:p@cache"))
        #expect(system.user == "default" && system.isEncrypted && system.authorities == nil)
        #expect(system.description == "rediss://cache:6379/0")
        let own = try #require(RedisURL("rediss://:p@cache:6380/1?cacert=/etc/our%20ca.pem"))
        #expect(own.user == nil && own.authorities == "/etc/our ca.pem" && own.database == 1)
    }

    @Test func `addresses can be made in the program`() {
        #expect(KafkaURL("kafka://a:1, b:2")?.bootstrapServers == "a:1,b:2")
        #expect(KafkaURL("a:1") == nil)
        #expect(PostgresURL("postgresql://u:p@%2Fsockets/d")?.description == "postgres://u@/sockets/d")
        #expect(PostgresURL("redis://h/d") == nil)
    }
}
