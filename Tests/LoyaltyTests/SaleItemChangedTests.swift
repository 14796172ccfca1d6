import SheafCore
import Testing

@testable import Loyalty

@Suite struct SaleItemChangedTests {
    // MARK: - Texts

    @Test(arguments: [
        (2, "Исключили 2 товара из распродажи", "2 объявления больше не подходят под условия"),
        (5, "Исключили 5 товаров из распродажи", "5 объявлений больше не подходят под условия"),
        (11, "Исключили 11 товаров из распродажи", "11 объявлений больше не подходят под условия"),
        (12, "Исключили 12 товаров из распродажи", "12 объявлений больше не подходят под условия"),
        (21, "Исключили 21 товар из распродажи", "21 объявление больше не подходит под условия"),
        (22, "Исключили 22 товара из распродажи", "22 объявления больше не подходят под условия"),
        (25, "Исключили 25 товаров из распродажи", "25 объявлений больше не подходят под условия"),
        (101, "Исключили 101 товар из распродажи", "101 объявление больше не подходит под условия"),
        (111, "Исключили 111 товаров из распродажи", "111 объявлений больше не подходят под условия"),
        (1000, "Исключили 1000 товаров из распродажи", "1000 объявлений больше не подходят под условия"),
    ])
    func `many items agree in number in Russian`(_ count: Int, _ title: String, _ description: String) async throws {
        let content = try await content(.russian, count: count)
        #expect(content.listTitle == "⚠️ Ваши товары исключили из распродажи")
        #expect(content.listDescription == description)
        #expect(content.fullTitle == title)
        #expect(content.fullText.hasPrefix(description))
        #expect(content.fullText.hasSuffix(". Проверьте цены и описания товаров."))
    }

    @Test(arguments: [2, 5, 11, 12, 21, 22, 25, 101, 111, 1000])
    func `many items agree in number in English`(_ count: Int) async throws {
        let content = try await content(.english, count: count)
        #expect(content.listTitle == "⚠️ Your items were removed from the sale")
        #expect(content.listDescription == "\(count) listings no longer meet the conditions")
        #expect(content.fullTitle == "Removed \(count) items from the sale")
        #expect(content.fullText.hasPrefix("\(count) listings no longer meet the conditions"))
        #expect(content.fullText.hasSuffix(". Please check the prices and the descriptions."))
    }

    @Test func `a large window stays short`() async throws {
        for language in Language.allCases {
            let content = try await content(language, count: 5000)
            #expect(content.fullText.count < 120)
        }
    }

    @Test func `one item is named by its title`() async throws {
        let services = LoyaltyServices(items: FakeItems([1001: "Чайник"]))
        let russian = try await content(.russian, services, [change(1001)])
        #expect(
            russian
                == NotificationContent(
                    listTitle: "⚠️ Ваш товар исключили из распродажи",
                    listDescription: "«Чайник» больше не подходит под условия",
                    fullTitle: "Исключили товар «Чайник» из распродажи",
                    fullText: "Его объявление больше не подходит под условия. Проверьте цену и описание товара."))
        let english = try await content(.english, services, [change(1001)])
        #expect(
            english
                == NotificationContent(
                    listTitle: "⚠️ Your item was removed from the sale",
                    listDescription: "“Чайник” no longer meets the conditions",
                    fullTitle: "Removed “Чайник” from the sale",
                    fullText: "Its listing no longer meets the conditions. "
                        + "Please check the price and the description."))
    }

    @Test(arguments: [[:], [1001: ""], [1001: " \n\t"], [7: "Чужой"]] as [[Int64: String]])
    func `one item without a title is counted, and named by its number in the full text`(_ titles: [Int64: String])
        async throws
    {
        let services = LoyaltyServices(items: FakeItems(titles))
        let russian = try await content(.russian, services, [change(1001)])
        #expect(
            russian
                == NotificationContent(
                    listTitle: "⚠️ Ваш товар исключили из распродажи",
                    listDescription: "1 объявление больше не подходит под условия",
                    fullTitle: "Исключили 1 товар из распродажи",
                    fullText: "1 объявление больше не подходит под условия: №1001. Проверьте цену и описание товара."))
        let english = try await content(.english, services, [change(1001)])
        #expect(
            english
                == NotificationContent(
                    listTitle: "⚠️ Your item was removed from the sale",
                    listDescription: "1 listing no longer meets the conditions",
                    fullTitle: "Removed 1 item from the sale",
                    fullText: "1 listing no longer meets the conditions: No. 1001. "
                        + "Please check the price and the description."))
    }

    @Test func `a few items are named in the full text, in the order they came`() async throws {
        let services = LoyaltyServices(items: FakeItems([1: "Плед", 3: "Чайник"]))
        let payloads = [change(3), change(1), change(2)]
        let russian = try await content(.russian, services, payloads)
        #expect(
            russian.fullText == "3 объявления больше не подходят под условия: «Чайник», «Плед» и №2. "
                + "Проверьте цены и описания товаров.")
        let english = try await content(.english, services, payloads)
        #expect(
            english.fullText == "3 listings no longer meet the conditions: “Чайник”, “Плед” and No. 2. "
                + "Please check the prices and the descriptions.")
    }

    @Test func `a title is brought into one line of bounded length`() async throws {
        let services = LoyaltyServices(
            items: FakeItems([1: "  Чай\nник\u{1B}[31m " + String(repeating: "я", count: 500)]))
        let content = try await content(.russian, services, [change(1)])
        #expect(content.fullTitle.hasPrefix("Исключили товар «Чай ник[31m яяя"))
        #expect(content.fullTitle.hasSuffix("я…» из распродажи"))
        #expect(content.fullTitle.count == "Исключили товар «» из распродажи".count + 100)
        #expect(content.listDescription.count == "«» больше не подходит под условия".count + 100)
    }

    @Test func `a title cannot reorder the text around it`() async throws {
        let services = LoyaltyServices(items: FakeItems([1: "\u{202E}Плед\u{2069}", 2: "سجادة\u{202C}"]))
        let one = try await content(.russian, services, [change(1)])
        #expect(one.fullTitle == "Исключили товар «Плед» из распродажи")
        let two = try await content(.russian, services, [change(1), change(2)])
        #expect(two.fullText.contains("условия: «Плед» и «\u{2068}سجادة\u{2069}». Проверьте"))
    }

    @Test func `items of several sales are counted once, with the number of sales`() async throws {
        let payloads = [change(1, sale: 7), change(2, sale: 7), change(1, sale: 8)]
        let russian = try await content(.russian, LoyaltyServices(), payloads)
        #expect(russian.listTitle == "⚠️ Ваши товары исключили из 2 распродаж")
        #expect(russian.fullTitle == "Исключили 2 товара из 2 распродаж")
        let english = try await content(.english, LoyaltyServices(), payloads)
        #expect(english.fullTitle == "Removed 2 items from 2 sales")
        let sales = (1...21).map { change(5, sale: $0) }
        let single = try await content(.russian, LoyaltyServices(), sales)
        #expect(single.listTitle == "⚠️ Ваш товар исключили из 21 распродажи")
    }

    // MARK: - Requests

    @Test func `only banned items are counted, each once`() async throws {
        let sales = FakeSales(banned: [7: [2, 3, 99]])
        let items = FakeItems([2: "Плед", 3: "Чайник"])
        let payloads = [1, 2, 3, 2, 1].map { change($0) }
        let content = try await content(.russian, LoyaltyServices(sales: sales, items: items), payloads)
        #expect(content.fullTitle == "Исключили 2 товара из распродажи")
        #expect(sales.questions == [.init(sale: 7, items: [1, 2, 3])])
        #expect(items.questions == [[2, 3]])
    }

    @Test func `an item is looked up in its own sale`() async throws {
        let sales = FakeSales(banned: [7: [1], 8: [2]])
        let payloads = [change(1, sale: 8), change(2, sale: 7), change(2, sale: 8)]
        let content = try await content(.russian, LoyaltyServices(sales: sales), payloads)
        #expect(content.fullText.contains(": №2."))
    }

    @Test func `without a banned item the events are suppressed, and no title is requested`() async throws {
        let items = FakeItems([:])
        let services = LoyaltyServices(sales: FakeSales(banned: [8: [1]]), items: items)
        let factory = SaleItemChangedFactory(language: .russian, services: services)
        let composition = try await factory.compose([change(1), change(2)], for: 42)
        #expect(composition == .suppressed(reason: "no_banned_items"))
        #expect(items.questions.isEmpty)
    }

    @Test func `titles are requested for five items and not for six`() async throws {
        let items = FakeItems([:])
        let services = LoyaltyServices(items: items)
        _ = try await content(.russian, services, (1...6).map { change($0) })
        #expect(items.questions.isEmpty)
        _ = try await content(.russian, services, (1...5).map { change($0) })
        #expect(items.questions == [[1, 2, 3, 4, 5]])
    }

    @Test func `a failing service fails the window for now`() async {
        for services in [
            LoyaltyServices(sales: FailingServices()), LoyaltyServices(items: FailingServices()),
        ] {
            let factory = SaleItemChangedFactory(language: .russian, services: services)
            let error = await #expect(throws: SheafError.self) { try await factory.compose([change(1)], for: 42) }
            #expect(error?.kind == .transient)
        }
    }

    // MARK: - Helpers

    private func change(_ item: Int64, sale: Int64 = 7) -> SaleItemChanged {
        SaleItemChanged(saleID: sale, itemID: item)
    }

    private func content(_ language: Language, count: Int) async throws -> NotificationContent {
        try await content(language, LoyaltyServices(), (1...Int64(count)).map { change($0) })
    }

    private func content(
        _ language: Language, _ services: LoyaltyServices, _ payloads: [SaleItemChanged]
    ) async throws -> NotificationContent {
        let factory = SaleItemChangedFactory(language: language, services: services)
        return try #require(try await factory.compose(payloads, for: 42).content)
    }
}
