public import SheafCore

/// The event types of the loyalty platform.
public enum LoyaltyCatalog {
    /// All types; each is one entry here and one folder beside this file.
    ///
    /// - Parameters:
    ///   - language: the language for recipients who named none, or none with texts.
    ///   - services: the services that the factories call.
    public static func types(language: Language, services: LoyaltyServices) -> [EventType] {
        [
            EventType(
                "sale_item_changed", code: 1, topic: "marketplace-sale.item.changed",
                delivery: .debounced(WindowPolicy(mode: .tumbling, length: .seconds(60))),
                factory: localized(language) { SaleItemChangedFactory(language: $0, services: services) }),
            EventType(
                "sale_seller_status_changed", code: 2, topic: "marketplace-sale.seller.status_changed",
                delivery: .immediate,
                factory: localized(language) { SaleSellerStatusChangedFactory(language: $0) }),
            EventType(
                "seller_promocode_limit_reached", code: 3, topic: "marketplace-promocode.limit_reached",
                delivery: .immediate,
                factory: localized(language) { SellerPromocodeLimitReachedFactory(language: $0) }),
        ]
    }

    /// Remarks on previews, which are made without the services, by the name of the type.
    public static let previewNotes = [
        "sale_item_changed":
            "the sales and items services were not called: every item counts as banned, and none has a title"
    ]

    /// The factory for a recipient's language.
    private static func localized<Factory: NotificationFactory>(
        _ usual: Language, _ make: (Language) -> Factory
    ) -> @Sendable (RecipientDescription) -> LocalizedFactory<Factory> {
        let factory = LocalizedFactory(make(usual), in: usual)
        let all = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, LocalizedFactory(make($0), in: $0)) })
        return { settings in settings.locale.flatMap { Language(readBy: $0) }.flatMap { all[$0] } ?? factory }
    }
}
