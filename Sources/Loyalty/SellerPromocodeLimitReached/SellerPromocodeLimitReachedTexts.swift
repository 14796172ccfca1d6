import SheafCore

/// The texts of `seller_promocode_limit_reached`.
struct SellerPromocodeLimitReachedTexts: Sendable {
    /// The maximum number of promocodes that are listed.
    static let namedCodes = 5

    let language: Language

    /// The texts for one promocode.
    func content(for promocode: SellerPromocodeLimitReached) -> NotificationContent {
        let (code, times) = (name(promocode), times(Int(clamping: promocode.limit)))
        return switch language {
        case .russian:
            NotificationContent(
                listTitle: "Лимит промокода \(code) исчерпан",
                listDescription: "Промокод использован \(times)",
                fullTitle: "Промокод \(code) больше не действует",
                fullText: "Промокод использован \(times) — это весь его лимит. "
                    + "Чтобы скидка снова работала, увеличьте лимит или создайте новый промокод.")
        case .english:
            NotificationContent(
                listTitle: "Promo code \(code) has reached its limit",
                listDescription: "The code was used \(times)",
                fullTitle: "Promo code \(code) no longer works",
                fullText: "The code was used \(times), which is its limit. "
                    + "To bring the discount back, raise the limit or create a new code.")
        }
    }

    /// The texts for several promocodes.
    func content(for promocodes: [SellerPromocodeLimitReached]) -> NotificationContent {
        let names = language.list(
            promocodes.map { "\(name($0)) (\(times(Int(clamping: $0.limit))))" }, limit: Self.namedCodes)
        switch language {
        case .russian:
            let codes = PluralForms(one: "промокода", few: "промокодов", many: "промокодов")
                .counted(promocodes.count, in: language)
            return NotificationContent(
                listTitle: "Исчерпаны лимиты \(codes)", listDescription: "Эти промокоды больше не действуют",
                fullTitle: "Исчерпаны лимиты \(codes)",
                fullText: "Больше не действуют: \(names). "
                    + "Чтобы скидки снова работали, увеличьте лимиты или создайте новые промокоды.")
        case .english:
            let codes = PluralForms(one: "promo code has", other: "promo codes have")
                .counted(promocodes.count, in: language)
            return NotificationContent(
                listTitle: "\(codes) reached their limits", listDescription: "These codes no longer work",
                fullTitle: "\(codes) reached their limits",
                fullText: "No longer working: \(names). "
                    + "To bring the discounts back, raise the limits or create new codes.")
        }
    }

    private func name(_ promocode: SellerPromocodeLimitReached) -> String {
        let code = promocode.code.asLine(limit: 60) ?? ""
        return language == .russian ? "«\(code)»" : "“\(code)”"
    }

    private func times(_ count: Int) -> String {
        switch language {
        case .russian: PluralForms(one: "раз", few: "раза", many: "раз").counted(count, in: language)
        case .english: PluralForms(one: "time", other: "times").counted(count, in: language)
        }
    }
}
