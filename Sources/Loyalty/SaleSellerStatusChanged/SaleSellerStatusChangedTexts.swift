import SheafCore

/// The texts of `sale_seller_status_changed`.
struct SaleSellerStatusChangedTexts: Sendable {
    /// The maximum number of sales that are listed.
    static let namedSales = 5

    let language: Language

    /// The texts for one sale.
    func content(for change: SaleSellerStatusChanged) -> NotificationContent {
        switch language {
        case .russian: russian(change)
        case .english: english(change)
        }
    }

    /// The texts for several sales, each with its last status.
    func content(for changes: [SaleSellerStatusChanged]) -> NotificationContent {
        let names = language.list(changes.map(name), limit: Self.namedSales)
        switch language {
        case .russian:
            let sales = PluralForms(one: "распродаже", few: "распродажах", many: "распродажах")
                .counted(changes.count, in: language)
            return NotificationContent(
                listTitle: "Изменился статус участия в \(sales)", listDescription: "Посмотрите, что изменилось",
                fullTitle: "Изменился статус вашего участия в \(sales)", fullText: "Что изменилось: \(names).")
        case .english:
            let sales = PluralForms(one: "sale", other: "sales").counted(changes.count, in: language)
            return NotificationContent(
                listTitle: "Your status changed in \(sales)", listDescription: "See what has changed",
                fullTitle: "Your status has changed in \(sales)", fullText: "What has changed: \(names).")
        }
    }

    private func russian(_ change: SaleSellerStatusChanged) -> NotificationContent {
        switch change.status {
        case .approved:
            NotificationContent(
                listTitle: "Вы участвуете в распродаже", listDescription: "Заявка на участие одобрена",
                fullTitle: "Заявка на участие в распродаже одобрена",
                fullText: "Мы одобрили вашу заявку: вы участвуете в распродаже №\(change.saleID).")
        case .rejected:
            NotificationContent(
                listTitle: "Вы не участвуете в распродаже", listDescription: "Заявка на участие отклонена",
                fullTitle: "Заявка на участие в распродаже отклонена",
                fullText: "Мы отклонили вашу заявку на участие в распродаже №\(change.saleID). "
                    + "Проверьте, подходите ли вы под её условия.")
        case .blocked:
            NotificationContent(
                listTitle: "Участие в распродаже заблокировано", listDescription: "Ваши товары в ней не участвуют",
                fullTitle: "Ваше участие в распродаже заблокировано",
                fullText: "Мы заблокировали ваше участие в распродаже №\(change.saleID). "
                    + "Если вы считаете это ошибкой, напишите в поддержку.")
        }
    }

    private func english(_ change: SaleSellerStatusChanged) -> NotificationContent {
        switch change.status {
        case .approved:
            NotificationContent(
                listTitle: "You are in the sale", listDescription: "Your application was approved",
                fullTitle: "Your application to the sale was approved",
                fullText: "We approved your application: you take part in sale No. \(change.saleID).")
        case .rejected:
            NotificationContent(
                listTitle: "You are not in the sale", listDescription: "Your application was rejected",
                fullTitle: "Your application to the sale was rejected",
                fullText: "We rejected your application to sale No. \(change.saleID). "
                    + "Please check whether you meet its conditions.")
        case .blocked:
            NotificationContent(
                listTitle: "You are blocked in the sale", listDescription: "Your items do not take part in it",
                fullTitle: "Your participation in the sale was blocked",
                fullText: "We blocked your participation in sale No. \(change.saleID). "
                    + "If you think this is a mistake, please write to support.")
        }
    }

    private func name(_ change: SaleSellerStatusChanged) -> String {
        switch (language, change.status) {
        case (.russian, .approved): "№\(change.saleID) — заявка одобрена"
        case (.russian, .rejected): "№\(change.saleID) — заявка отклонена"
        case (.russian, .blocked): "№\(change.saleID) — участие заблокировано"
        case (.english, .approved): "No. \(change.saleID) (approved)"
        case (.english, .rejected): "No. \(change.saleID) (rejected)"
        case (.english, .blocked): "No. \(change.saleID) (blocked)"
        }
    }
}
