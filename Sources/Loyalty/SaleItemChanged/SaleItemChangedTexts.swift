import SheafCore

/// The texts of `sale_item_changed`.
struct SaleItemChangedTexts: Sendable {
    let language: Language

    func content(for removal: RemovedItems) -> NotificationContent {
        switch language {
        case .russian: russian(removal, from: sales(removal.sales))
        case .english: english(removal, from: sales(removal.sales))
        }
    }

    /// The sales, in the genitive for Russian: `распродажи`, `2 распродаж`; `the sale`, `2 sales`.
    private func sales(_ count: Int) -> String {
        switch language {
        case .russian:
            count == 1
                ? "распродажи"
                : PluralForms(one: "распродажи", few: "распродаж", many: "распродаж").counted(count, in: language)
        case .english:
            count == 1 ? "the sale" : PluralForms(one: "sale", other: "sales").counted(count, in: language)
        }
    }

    /// `: a, b and c`; empty if there are too many items to list.
    private func names(_ items: [NamedItem], _ name: (NamedItem) -> String) -> String {
        items.isEmpty ? "" : ": " + language.list(items.map(name))
    }
}

// MARK: - Russian

extension SaleItemChangedTexts {
    private static let goods = PluralForms(one: "товар", few: "товара", many: "товаров")
    private static let unfit = PluralForms(
        one: "объявление больше не подходит под условия",
        few: "объявления больше не подходят под условия",
        many: "объявлений больше не подходят под условия")

    private func russian(_ removal: RemovedItems, from sales: String) -> NotificationContent {
        let goods = removal.onlyTitle.map { "товар «\($0)»" } ?? Self.goods.counted(removal.count, in: language)
        let unfit = Self.unfit.counted(removal.count, in: language)
        let names = names(removal.named) { item in item.title.map { "«\($0)»" } ?? "№\(item.id)" }
        return NotificationContent(
            listTitle: "⚠️ \(removal.isOne ? "Ваш товар" : "Ваши товары") исключили из \(sales)",
            listDescription: removal.onlyTitle.map { "«\($0)» больше не подходит под условия" } ?? unfit,
            fullTitle: "Исключили \(goods) из \(sales)",
            fullText: (removal.onlyTitle == nil ? unfit + names : "Его объявление больше не подходит под условия")
                + (removal.isOne
                    ? ". Проверьте цену и описание товара." : ". Проверьте цены и описания товаров."))
    }
}

// MARK: - English

extension SaleItemChangedTexts {
    private static let items = PluralForms(one: "item", other: "items")
    private static let listings = PluralForms(
        one: "listing no longer meets the conditions", other: "listings no longer meet the conditions")

    private func english(_ removal: RemovedItems, from sales: String) -> NotificationContent {
        let items = removal.onlyTitle.map { "“\($0)”" } ?? Self.items.counted(removal.count, in: language)
        let listings = Self.listings.counted(removal.count, in: language)
        let names = names(removal.named) { item in item.title.map { "“\($0)”" } ?? "No. \(item.id)" }
        return NotificationContent(
            listTitle: "⚠️ \(removal.isOne ? "Your item was" : "Your items were") removed from \(sales)",
            listDescription: removal.onlyTitle.map { "“\($0)” no longer meets the conditions" } ?? listings,
            fullTitle: "Removed \(items) from \(sales)",
            fullText: (removal.onlyTitle == nil ? listings + names : "Its listing no longer meets the conditions")
                + (removal.isOne
                    ? ". Please check the price and the description."
                    : ". Please check the prices and the descriptions."))
    }
}
