import SheafCore
import Testing

@testable import Loyalty

@Suite struct SellerPromocodeLimitReachedTests {
    @Test(arguments: [
        (0, "0 раз", "0 times"), (1, "1 раз", "1 time"), (2, "2 раза", "2 times"), (5, "5 раз", "5 times"),
        (11, "11 раз", "11 times"), (12, "12 раз", "12 times"), (21, "21 раз", "21 times"),
        (22, "22 раза", "22 times"), (25, "25 раз", "25 times"), (101, "101 раз", "101 times"),
        (111, "111 раз", "111 times"), (1000, "1000 раз", "1000 times"),
        (Int64.max, "9223372036854775807 раз", "9223372036854775807 times"),
    ])
    func `the limit agrees in number`(_ limit: Int64, _ russian: String, _ english: String) async throws {
        #expect(
            try await content(.russian, [reached("SALE10", limit: limit)])
                == NotificationContent(
                    listTitle: "Лимит промокода «SALE10» исчерпан",
                    listDescription: "Промокод использован \(russian)",
                    fullTitle: "Промокод «SALE10» больше не действует",
                    fullText: "Промокод использован \(russian) — это весь его лимит. "
                        + "Чтобы скидка снова работала, увеличьте лимит или создайте новый промокод."))
        #expect(
            try await content(.english, [reached("SALE10", limit: limit)])
                == NotificationContent(
                    listTitle: "Promo code “SALE10” has reached its limit",
                    listDescription: "The code was used \(english)",
                    fullTitle: "Promo code “SALE10” no longer works",
                    fullText: "The code was used \(english), which is its limit. "
                        + "To bring the discount back, raise the limit or create a new code."))
    }

    @Test func `of one promocode's events the last one counts`() async throws {
        let content = try await content(.russian, [reached("OLD", limit: 1), reached("NEW", limit: 2)])
        #expect(content.listTitle == "Лимит промокода «NEW» исчерпан")
        #expect(content.listDescription == "Промокод использован 2 раза")
    }

    @Test(arguments: [
        (2, "2 промокодов"), (5, "5 промокодов"), (11, "11 промокодов"), (21, "21 промокода"), (22, "22 промокодов"),
        (101, "101 промокода"), (111, "111 промокодов"),
    ])
    func `several promocodes share a notification`(_ count: Int, _ codes: String) async throws {
        let payloads = (1...Int64(count)).map { reached("C\($0)", id: $0, limit: 21) }
        let russian = try await content(.russian, payloads)
        #expect(russian.listTitle == "Исчерпаны лимиты \(codes)")
        #expect(russian.fullText.hasPrefix("Больше не действуют: «C1» (21 раз)"))
        if count > 5 { #expect(russian.fullText.contains("«C5» (21 раз) и ещё \(count - 5).")) }
        let english = try await content(.english, payloads)
        #expect(english.listTitle == "\(count) promo codes have reached their limits")
        if count > 5 { #expect(english.fullText.contains("“C5” (21 times) and \(count - 5) more.")) }
    }

    @Test func `a code cannot break out of its line`() async throws {
        let content = try await content(.russian, [reached("A\r\nB\u{0}C\u{202E}", limit: 1)])
        #expect(content.listTitle == "Лимит промокода «A BC» исчерпан")
    }

    private func reached(_ code: String, id: Int64 = 5, limit: Int64) -> SellerPromocodeLimitReached {
        SellerPromocodeLimitReached(promocodeID: id, code: code, limit: limit)
    }

    private func content(
        _ language: Language, _ payloads: [SellerPromocodeLimitReached]
    ) async throws -> NotificationContent {
        try #require(
            try await SellerPromocodeLimitReachedFactory(language: language).compose(payloads, for: 42).content)
    }
}
