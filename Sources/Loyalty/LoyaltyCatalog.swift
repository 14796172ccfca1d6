public import SheafCore

/// The event types of the loyalty platform.
public enum LoyaltyCatalog {
    /// All of them; a type is one entry here and one folder beside this file.
    ///
    /// - Parameters:
    ///   - language: the language of the notifications.
    ///   - services: what the factories ask.
    public static func types(language: Language, services: LoyaltyServices) -> [EventType] {
        [
            EventType(
                "sale_item_changed", code: 1, topic: "marketplace-sale.item.changed",
                delivery: .debounced(WindowPolicy()),
                factory: LocalizedFactory(
                    SaleItemChangedFactory(language: language, services: services), in: language)),
            EventType(
                "sale_seller_status_changed", code: 2, topic: "marketplace-sale.seller.status_changed",
                delivery: .immediate,
                factory: LocalizedFactory(SaleSellerStatusChangedFactory(language: language), in: language)),
            EventType(
                "seller_promocode_limit_reached", code: 3, topic: "marketplace-promocode.limit_reached",
                delivery: .immediate,
                factory: LocalizedFactory(SellerPromocodeLimitReachedFactory(language: language), in: language)),
        ]
    }
}
