import SheafCore
import Testing

@Suite("The catalog of event types")
struct EventCatalogTests {
    private func fault(_ types: EventType...) throws -> SheafError {
        try #require(throws: SheafError.self) { try EventCatalog(types) }
    }

    @Test("Types are found by name, code and topic")
    func lookUp() throws {
        let catalog = try EventCatalog([
            .sample("b_2", code: 7, topic: "topic.b"), .sample("a", code: 3), .sample("c", code: -1, topic: "topic.c"),
        ])
        #expect(catalog.types.map(\.name) == ["c", "a", "b_2"])
        #expect(catalog.type(named: "b_2")?.code == 7)
        #expect(catalog.type(code: 3)?.name == "a")
        #expect(catalog.type(topic: "topic.c")?.name == "c")
        #expect(catalog.type(named: "topic.b") == nil)
        #expect(catalog.type(named: "B_2") == nil)
        #expect(catalog.type(code: 4) == nil)
        #expect(catalog.type(topic: "a") == nil)
    }

    @Test("Topics with different bytes are different, even if they are canonically equal")
    func exactTopic() throws {
        let catalog = try EventCatalog([.sample("a", code: 1, topic: "Kiosk")])
        #expect("Kiosk" == "\u{212A}iosk")
        #expect(catalog.type(topic: "Kiosk") != nil)
        #expect(catalog.type(topic: "\u{212A}iosk") == nil)
    }

    @Test("Two types may not share a name, a code or a topic")
    func duplicates() throws {
        let names = try fault(.sample("a", code: 1), .sample("a", code: 2))
        #expect(names == SheafError(.invalid, field: "a", "two event types have this name"))
        let codes = try fault(.sample("a", code: 1), .sample("b", code: 1))
        #expect(codes == SheafError(.invalid, field: "b", "has the code 1, as a has"))
        let topics = try fault(.sample("a", code: 1, topic: "t"), .sample("b", code: 2, topic: "t"))
        #expect(topics == SheafError(.invalid, field: "b", "has the topic t, as a has"))
    }

    @Test("Types without a topic do not share one")
    func noTopics() throws {
        #expect(try EventCatalog([.sample("a", code: 1), .sample("b", code: 2)]).types.count == 2)
        #expect(try EventCatalog([]).types.isEmpty)
    }

    @Test(
        "Names with other characters are refused",
        arguments: ["", "A", "sale-item", "sale.item", "sale item", "sale:item", "é", "e\u{301}", "товар", "a\0", "１"])
    func badNames(name: String) throws {
        let error = try fault(.sample(name))
        #expect(error.code == .invalid)
        #expect(error.field == name)
    }

    @Test("Delivery policies are replaced, and nothing else")
    func delivering() throws {
        let catalog = try EventCatalog([.sample("a", code: 1, topic: "t"), .sample("b", code: 2)])
        let policy = WindowPolicy(mode: .sliding, length: .seconds(5))
        let replaced = try catalog.delivering { type throws(SheafError) in
            type.name == "a" ? .debounced(policy) : type.delivery
        }
        #expect(replaced.type(topic: "t")?.delivery == .debounced(policy))
        #expect(replaced.type(named: "b")?.delivery == .immediate)
        #expect(catalog.type(named: "a")?.delivery == .immediate)
        #expect(throws: SheafError(.invalid, "no")) {
            try catalog.delivering { _ throws(SheafError) in throw SheafError(.invalid, "no") }
        }
    }

    @Test("Window keys show the type's name, or its code if it has none")
    func windowKeys() throws {
        let catalog = try EventCatalog([.sample("sale", code: 5)])
        let key = WindowKey(type: 5, recipient: 42, part: "7:8")
        #expect(catalog.text(of: key) == "sale:42:7:8")
        #expect(catalog.windowKey("sale:42:7:8") == key)
        #expect(catalog.windowKey("5:42:7:8") == key)
        let unknown = WindowKey(type: 6, recipient: 42, part: nil)
        #expect(catalog.text(of: unknown) == "6:42")
        #expect(catalog.windowKey("6:42") == unknown)
        for text in ["", "sale", "sale:", "sale:x", "unknown:42", "Sale:42"] { #expect(catalog.windowKey(text) == nil) }
    }
}
