import Foundation
import Loyalty
import MessageFormat
import SheafCore
import Testing

@testable import DeclaredTypes

/// The built-in types, declared in files under other names.
private let declaredBuiltIns = [
    "items_excluded.yaml": """
    data: {sale_id: id, item_id: id}
    key: [sale_id]
    delivery: {window: 60s}
    distinct: item_id
    texts:
      ru:
        list_title: "{count, plural, =1 {⚠️ Ваш товар исключили из распродажи} one {⚠️ Ваши товары исключили из распродажи} few {⚠️ Ваши товары исключили из распродажи} many {⚠️ Ваши товары исключили из распродажи} other {⚠️ Ваши товары исключили из распродажи}}"
        list_description: "{count, plural, one {# объявление больше не подходит под условия} few {# объявления больше не подходят под условия} many {# объявлений больше не подходят под условия} other {# объявления больше не подходят под условия}}"
        full_title: "Исключили {count, plural, one {# товар} few {# товара} many {# товаров} other {# товара}} из распродажи"
        full_text: >-
          {count, plural,
          =1 {1 объявление больше не подходит под условия: №{last_item_id}. Проверьте цену и описание товара.}
          one {# объявление больше не подходит под условия. Проверьте цены и описания товаров.}
          few {# объявления больше не подходят под условия. Проверьте цены и описания товаров.}
          many {# объявлений больше не подходят под условия. Проверьте цены и описания товаров.}
          other {# объявления больше не подходят под условия. Проверьте цены и описания товаров.}}
      en:
        list_title: "⚠️ {count, plural, one {Your item was} other {Your items were}} removed from the sale"
        list_description: "{count, plural, one {# listing no longer meets the conditions} other {# listings no longer meet the conditions}}"
        full_title: "Removed {count, plural, one {# item} other {# items}} from the sale"
        full_text: "{count, plural, one {# listing no longer meets the conditions: No. {last_item_id}. Please check the price and the description.} other {# listings no longer meet the conditions. Please check the prices and the descriptions.}}"
    """,
    "seller_status.yaml": """
    data: {sale_id: id, status: [approved, rejected, blocked]}
    delivery: immediate
    texts:
      ru:
        list_title: "{last_status, select, approved {Вы участвуете в распродаже} rejected {Вы не участвуете в распродаже} other {Участие в распродаже заблокировано}}"
        list_description: "{last_status, select, approved {Заявка на участие одобрена} rejected {Заявка на участие отклонена} other {Ваши товары в ней не участвуют}}"
        full_title: "{last_status, select, approved {Заявка на участие в распродаже одобрена} rejected {Заявка на участие в распродаже отклонена} other {Ваше участие в распродаже заблокировано}}"
        full_text: "{last_status, select, approved {Мы одобрили вашу заявку: вы участвуете в распродаже №{last_sale_id}.} rejected {Мы отклонили вашу заявку на участие в распродаже №{last_sale_id}. Проверьте, подходите ли вы под её условия.} other {Мы заблокировали ваше участие в распродаже №{last_sale_id}. Если вы считаете это ошибкой, напишите в поддержку.}}"
      en:
        list_title: "{last_status, select, approved {You are in the sale} rejected {You are not in the sale} other {You are blocked in the sale}}"
        list_description: "{last_status, select, approved {Your application was approved} rejected {Your application was rejected} other {Your items do not take part in it}}"
        full_title: "{last_status, select, approved {Your application to the sale was approved} rejected {Your application to the sale was rejected} other {Your participation in the sale was blocked}}"
        full_text: "{last_status, select, approved {We approved your application: you take part in sale No. {last_sale_id}.} rejected {We rejected your application to sale No. {last_sale_id}. Please check whether you meet its conditions.} other {We blocked your participation in sale No. {last_sale_id}. If you think this is a mistake, please write to support.}}"
    """,
    "promocode_used_up.yaml": """
    data: {promocode_id: id, code: {type: string, max_length: 200}, limit: integer}
    delivery: immediate
    texts:
      ru:
        list_title: "Лимит промокода «{last_code}» исчерпан"
        list_description: "Промокод использован {last_limit, plural, one {# раз} few {# раза} many {# раз} other {# раза}}"
        full_title: "Промокод «{last_code}» больше не действует"
        full_text: "Промокод использован {last_limit, plural, one {# раз} few {# раза} many {# раз} other {# раза}} — это весь его лимит. Чтобы скидка снова работала, увеличьте лимит или создайте новый промокод."
      en:
        list_title: "Promo code “{last_code}” has reached its limit"
        list_description: "The code was used {last_limit, plural, one {# time} other {# times}}"
        full_title: "Promo code “{last_code}” no longer works"
        full_text: "The code was used {last_limit, plural, one {# time} other {# times}}, which is its limit. To bring the discount back, raise the limit or create a new code."
    """,
]

/// `sale_item_changed` with the data of the sales and items services, returned by the type's own service.
private let declaredWithHook = [
    "items_banned.yaml": """
    data: {sale_id: id, item_id: id}
    key: [sale_id]
    delivery: {window: 60s}
    enrich: {url: "https://sales.example", returns: {banned: integer, title: string, names: string}}
    texts:
      ru:
        list_title: "⚠️ {banned, plural, =1 {Ваш товар} one {Ваши товары} few {Ваши товары} many {Ваши товары} other {Ваши товары}} исключили из распродажи"
        list_description: "{title, select, none {{banned, plural, one {# объявление больше не подходит} few {# объявления больше не подходят} many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия} other {«{title}» больше не подходит под условия}}"
        full_title: "Исключили {title, select, none {{banned, plural, one {# товар} few {# товара} many {# товаров} other {# товара}}} other {товар «{title}»}} из распродажи"
        full_text: >-
          {title, select, none {{banned, plural, one {# объявление больше не подходит} few {# объявления больше не подходят}
          many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия{names}} other
          {Его объявление больше не подходит под условия}}. {banned, plural, =1 {Проверьте цену и описание товара.}
          one {Проверьте цены и описания товаров.} few {Проверьте цены и описания товаров.}
          many {Проверьте цены и описания товаров.} other {Проверьте цены и описания товаров.}}
    """
]

/// Responds like the sales and items services would, about banned items and items with titles.
private struct SalesHook: SalesService, ItemsService, EnrichServices {
    let banned: Set<Int64>
    let titles: [Int64: String]

    func bannedItems(among items: [Int64], in sale: Int64) async -> Set<Int64> { banned.intersection(items) }

    func titles(of items: [Int64]) async -> [Int64: String] { titles }

    private struct Body: Decodable {
        struct Item: Decodable {
            let id: Int64
            private enum CodingKeys: String, CodingKey { case id = "item_id" }
        }
        let type: String
        let recipient: Int64
        let locale: String
        let events: [Item]
        private enum CodingKeys: String, CodingKey {
            case type
            case recipient = "recipient_id"
            case locale, events
        }
    }

    func answer(to question: EnrichQuestion) async throws -> EnrichAnswer {
        let body = try JSONDecoder().decode(Body.self, from: Data(question.body.utf8))
        guard body.type == "items_banned", body.recipient == 42, body.locale == "ru" else {
            throw SheafError(.upstream, "was asked something else")
        }
        var items: [Int64] = []
        for event in body.events where banned.contains(event.id) && !items.contains(event.id) {
            items.append(event.id)
        }
        guard !items.isEmpty else { return try question.answer(from: #"{"suppress":"no_banned_items"}"#.utf8) }
        let words = items.map { item in titles[item].map { "«\($0)»" } ?? "№\(item)" }
        let list = (words.count > 1 ? words.dropLast().joined(separator: ", ") + " и " : "") + (words.last ?? "")
        let answer: [String: String] = [
            "banned": String(items.count), "title": items.count == 1 ? titles[items[0]] ?? "none" : "none",
            "names": items.count > 5 ? "" : ": \(list)",
        ]
        return try question.answer(from: JSONEncoder().encode(["variables": answer]))
    }
}

@Suite("Built-in types, declared in files")
struct EquivalenceTests {
    @Test(
        "A type's own service can replace the sales service",
        arguments: [1, 2, 3, 5, 6, 21, 22, 25], [true, false])
    func hook(count: Int, hasTitles: Bool) async throws {
        let all = Array(1...Int64(count + 4))
        let services = SalesHook(
            banned: Set(all.prefix(count)), titles: hasTitles ? [1: "Чайник «Полёт»", 2: "Кружка"] : [:])
        let builtIn = try #require(
            LoyaltyCatalog.types(language: .russian, services: LoyaltyServices(sales: services, items: services)).first)
        let declared = try #require(set(declaredWithHook).type(named: "items_banned"))
        #expect(declared.eventType(code: 9, english) == nil)
        let hooked = try #require(declared.eventType(code: 9, english, asking: services))
        func compositions(_ items: [Int64]) async throws -> [WindowComposition] {
            var results: [WindowComposition] = []
            for type in [builtIn, hooked] {
                let events = items.map { declared.event(#"{"sale_id":7,"item_id":\#($0)}"#) }
                let context = CompositionContext(
                    of: events[0], settings: RecipientDescription(locale: "ru-KZ"))
                results.append(try await type.read(events).compose(in: context))
            }
            return results
        }
        let both = try await compositions(all + all.reversed())
        #expect(both[0] == both[1] && both[0].exceptions.isEmpty)
        let none = try await compositions(all.suffix(4))
        #expect(none == Array(repeating: WindowComposition(.suppressed(reason: "no_banned_items")), count: 2))
    }

    private func pair(_ builtInName: String, _ declaredName: String, _ language: Language) throws -> [EventType] {
        let set = try set(declaredBuiltIns, builtIn: builtIn)
        let context = TextContext(languages: [language.rawValue].compactMap { LanguageTag($0) })
        let types = LoyaltyCatalog.types(language: language, services: LoyaltyServices())
        return [
            try #require(types.first { $0.name == builtInName }),
            try #require(set.type(named: declaredName)?.eventType(code: 9, context)),
        ]
    }

    /// The contents that both types give for the same events.
    private func contents(_ types: [EventType], _ payloads: [String]) async throws -> [NotificationContent] {
        var contents: [NotificationContent] = []
        for type in types {
            let events = payloads.map { payload in
                Event(
                    IncomingEvent(source: "test", type: type.name, recipient: 42, data: payload), type: type.code,
                    at: TypeExample.usualNow)
            }
            guard case .notification(let content) = try await type.compose(events) else { continue }
            contents.append(content)
        }
        return contents
    }

    /// The places that both types give to an event.
    private func places(_ types: [EventType], _ payload: String) throws -> Set<String?> {
        let head = EventHead(recipient: 42, occurredAt: TypeExample.usualNow)
        return Set(try types.map { try $0.classify(payload, head).keyPart })
    }

    @Test("Items excluded from a sale", arguments: Language.allCases, [1, 6, 7, 11, 21, 22, 25, 101, 111])
    func items(language: Language, count: Int) async throws {
        let types = try pair("sale_item_changed", "items_excluded", language)
        #expect(types[0].delivery == types[1].delivery)
        let payloads = (1...count).map { #"{"sale_id":"7","item_id":\#($0 % 200)}"# }
        let results = try await contents(types, payloads + payloads.prefix(3))
        #expect(results.count == 2 && results[0] == results[1])
        #expect(try places(types, payloads[0]) == ["7"])
    }

    @Test("The status of a seller", arguments: Language.allCases, ["approved", "rejected", "blocked"])
    func status(language: Language, status: String) async throws {
        let types = try pair("sale_seller_status_changed", "seller_status", language)
        let payload = #"{"sale_id":12345,"status":"\#(status)","more":[1]}"#
        let results = try await contents(types, [payload])
        #expect(types[0].delivery == types[1].delivery && results.count == 2 && results[0] == results[1])
        #expect(try places(types, payload) == [nil])
    }

    @Test("Promocodes that are used up", arguments: Language.allCases, [0, 1, 2, 5, 21, 101])
    func promocode(language: Language, limit: Int) async throws {
        let types = try pair("seller_promocode_limit_reached", "promocode_used_up", language)
        let payload = #"{"promocode_id":1,"code":"АВГУСТ-10","limit":\#(limit)}"#
        let results = try await contents(types, [payload])
        #expect(results.count == 2 && results[0] == results[1])
    }
}
