import Loyalty
import SheafCore
import Testing

@Suite struct LoyaltyCatalogTests {
    private let types = LoyaltyCatalog.types(language: .russian, services: LoyaltyServices())

    @Test func `the types have the names, codes, topics and policies that others rely on`() throws {
        let catalog = try EventCatalog(types)
        #expect(
            catalog.types.map(\.name) == [
                "sale_item_changed", "sale_seller_status_changed", "seller_promocode_limit_reached",
            ])
        #expect(catalog.types.map(\.code) == [1, 2, 3])
        #expect(
            catalog.types.map(\.topic) == [
                "marketplace-sale.item.changed", "marketplace-sale.seller.status_changed",
                "marketplace-promocode.limit_reached",
            ])
        #expect(catalog.types.map(\.delivery) == [.debounced(WindowPolicy()), .immediate, .immediate])
        #expect(WindowPolicy().length == .seconds(60))
    }

    @Test(arguments: [
        (nil, "ru"), ("ru", "ru"), ("ru-KZ", "ru"), ("en", "en"), ("en-GB", "en"), ("en-AU", "en"), ("fr", "ru"),
        ("xx", "ru"), ("be", "ru"),
    ])
    func `a recipient is notified in their language, or in the usual one`(locale: String?, language: String)
        async throws
    {
        let payloads = [
            #"{"sale_id":7,"item_id":1001}"#, #"{"sale_id":7,"status":"approved"}"#,
            #"{"promocode_id":5,"code":"A","limit":1}"#,
        ]
        for (type, payload) in zip(types, payloads) {
            #expect(type.usesSettings)
            let event = Event(
                IncomingEvent(source: "test", type: type.name, recipient: 42, data: payload), type: type.code,
                at: Timestamp(milliseconds: 0))
            let content = try await type.compose([event], settings: RecipientDescription(locale: locale)).content
            #expect(content?.locale == language)
            #expect(content?.fullText.contains { ("а"..."я").contains($0) } == (language == "ru"))
        }
    }

    // MARK: - Payloads

    @Test func `a well-formed payload has its key part`() throws {
        #expect(try keyPart("sale_item_changed", #"{"sale_id":7,"item_id":1001}"#) == "7")
        #expect(
            try keyPart("sale_item_changed", #"{"sale_id":"9007199254740993","item_id":"1"}"#) == "9007199254740993")
        #expect(
            try keyPart("sale_item_changed", #"{"sale_id":-9223372036854775808,"item_id":0}"#)
                == "-9223372036854775808")
        #expect(try keyPart("sale_item_changed", #"{"sale_id":7,"item_id":1,"seller_id":42,"more":{}}"#) == "7")
        for status in ["approved", "rejected", "blocked"] {
            #expect(try keyPart("sale_seller_status_changed", #"{"sale_id":7,"status":"\#(status)"}"#) == nil)
        }
        #expect(
            try keyPart("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"SALE10","limit":0}"#) == nil)
        let longest = String(repeating: "я", count: 200)
        #expect(
            try keyPart("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"\#(longest)","limit":1}"#) == nil)
    }

    @Test(arguments: [
        ("sale_item_changed", #"{"item_id":1001}"#, "data.sale_id"),
        ("sale_item_changed", #"{"sale_id":7}"#, "data.item_id"),
        ("sale_item_changed", #"{"sale_id":"seven","item_id":1}"#, "data.sale_id"),
        ("sale_item_changed", #"{"sale_id":7,"item_id":null}"#, "data.item_id"),
        ("sale_item_changed", #"{"sale_id":7,"item_id":1.5}"#, "data.item_id"),
        ("sale_item_changed", #"{"sale_id":7,"item_id":9223372036854775808}"#, "data.item_id"),
        ("sale_item_changed", "[]", "data"),
        ("sale_seller_status_changed", #"{"status":"approved"}"#, "data.sale_id"),
        ("sale_seller_status_changed", #"{"sale_id":7}"#, "data.status"),
        ("sale_seller_status_changed", #"{"sale_id":7,"status":1}"#, "data.status"),
        ("sale_seller_status_changed", #"{"sale_id":7,"status":"Approved"}"#, "data.status"),
        ("sale_seller_status_changed", #"{"sale_id":-1e30,"status":"approved"}"#, "data.sale_id"),
        ("seller_promocode_limit_reached", #"{"promocode_id":0.1,"code":"A","limit":1}"#, "data.promocode_id"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"A","limit":1.5}"#, "data.limit"),
        ("seller_promocode_limit_reached", #"{"code":"A","limit":1}"#, "data.promocode_id"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"limit":1}"#, "data.code"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"","limit":1}"#, "data.code"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":" \n","limit":1}"#, "data.code"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"A"}"#, "data.limit"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"A","limit":-1}"#, "data.limit"),
        ("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"A","limit":"1.5"}"#, "data.limit"),
    ])
    func `a bad payload is refused by its field`(_ type: String, _ payload: String, _ field: String) {
        let error = #expect(throws: SheafError.self) { try keyPart(type, payload) }
        #expect(error?.code == .badPayload)
        #expect(error?.field == field)
    }

    @Test func `an unknown status is answered with those that are known`() {
        let error = #expect(throws: SheafError.self) {
            try keyPart("sale_seller_status_changed", #"{"sale_id":7,"status":"paused"}"#)
        }
        #expect(error?.message == "must be one of: approved, rejected, blocked")
    }

    @Test func `a code of 201 characters is refused`() {
        let code = String(repeating: "a", count: 201)
        let error = #expect(throws: SheafError.self) {
            try keyPart("seller_promocode_limit_reached", #"{"promocode_id":5,"code":"\#(code)","limit":1}"#)
        }
        #expect(error?.field == "data.code")
    }

    private func keyPart(_ type: String, _ payload: String) throws -> String? {
        let type = try #require(types.first { $0.name == type })
        return try type.classify(payload, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0))).keyPart
    }
}
