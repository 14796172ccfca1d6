import SheafCore
import Testing

@testable import Loyalty

@Suite struct SaleSellerStatusChangedTests {
    @Test func `every status has its own texts in both languages`() async throws {
        #expect(
            try await content(.russian, [change(.approved)])
                == NotificationContent(
                    listTitle: "Вы участвуете в распродаже", listDescription: "Заявка на участие одобрена",
                    fullTitle: "Заявка на участие в распродаже одобрена",
                    fullText: "Мы одобрили вашу заявку: вы участвуете в распродаже №7."))
        #expect(
            try await content(.russian, [change(.rejected)])
                == NotificationContent(
                    listTitle: "Вы не участвуете в распродаже", listDescription: "Заявка на участие отклонена",
                    fullTitle: "Заявка на участие в распродаже отклонена",
                    fullText: "Мы отклонили вашу заявку на участие в распродаже №7. "
                        + "Проверьте, подходите ли вы под её условия."))
        #expect(
            try await content(.russian, [change(.blocked)])
                == NotificationContent(
                    listTitle: "Участие в распродаже заблокировано",
                    listDescription: "Ваши товары в ней не участвуют",
                    fullTitle: "Ваше участие в распродаже заблокировано",
                    fullText: "Мы заблокировали ваше участие в распродаже №7. "
                        + "Если вы считаете это ошибкой, напишите в поддержку."))
        #expect(
            try await content(.english, [change(.approved)])
                == NotificationContent(
                    listTitle: "You are in the sale", listDescription: "Your application was approved",
                    fullTitle: "Your application to the sale was approved",
                    fullText: "We approved your application: you take part in sale No. 7."))
        #expect(
            try await content(.english, [change(.rejected)])
                == NotificationContent(
                    listTitle: "You are not in the sale", listDescription: "Your application was rejected",
                    fullTitle: "Your application to the sale was rejected",
                    fullText: "We rejected your application to sale No. 7. "
                        + "Please check whether you meet its conditions."))
        #expect(
            try await content(.english, [change(.blocked)])
                == NotificationContent(
                    listTitle: "You are blocked in the sale", listDescription: "Your items do not take part in it",
                    fullTitle: "Your participation in the sale was blocked",
                    fullText: "We blocked your participation in sale No. 7. "
                        + "If you think this is a mistake, please write to support."))
    }

    @Test func `of one sale's statuses the last one counts`() async throws {
        let content = try await content(.russian, [change(.approved), change(.blocked)])
        #expect(content.listTitle == "Участие в распродаже заблокировано")
    }

    @Test func `several sales share a notification, each with its last status`() async throws {
        let payloads = [change(.rejected), change(.approved, sale: 8), change(.blocked)]
        let russian = try await content(.russian, payloads)
        #expect(russian.listTitle == "Изменился статус участия в 2 распродажах")
        #expect(russian.fullText == "Что изменилось: №8 — заявка одобрена и №7 — участие заблокировано.")
        let english = try await content(.english, payloads)
        #expect(english.listTitle == "Your status changed in 2 sales")
        #expect(english.fullText == "What has changed: No. 8 (approved) and No. 7 (blocked).")
    }

    @Test(arguments: [
        (2, "2 распродажах"), (5, "5 распродажах"), (11, "11 распродажах"), (21, "21 распродаже"),
        (22, "22 распродажах"), (101, "101 распродаже"), (111, "111 распродажах"),
    ])
    func `the number of sales agrees in Russian`(_ count: Int, _ sales: String) async throws {
        let content = try await content(.russian, (1...Int64(count)).map { change(.approved, sale: $0) })
        #expect(content.listTitle == "Изменился статус участия в \(sales)")
        #expect(content.fullTitle == "Изменился статус вашего участия в \(sales)")
        if count > 5 { #expect(content.fullText.hasSuffix(" и ещё \(count - 5).")) }
    }

    private func change(_ status: SaleSellerStatusChanged.Status, sale: Int64 = 7) -> SaleSellerStatusChanged {
        SaleSellerStatusChanged(saleID: sale, status: status)
    }

    private func content(
        _ language: Language, _ payloads: [SaleSellerStatusChanged]
    ) async throws -> NotificationContent {
        try #require(
            try await SaleSellerStatusChangedFactory(language: language).compose(payloads, for: 42).content)
    }
}
