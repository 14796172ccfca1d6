import SheafCore

/// The texts of `sale_item_changed`.
struct SaleItemChangedTexts: Sendable {
    let language: Language

    func content(for removal: RemovedItems) -> NotificationContent {
        let single = removal.count == 1 ? removal.named.first : nil
        return switch (language, single) {
        case (.russian, let item?): russian(item, from: sales(removal.sales))
        case (.russian, nil): russian(removal, from: sales(removal.sales))
        case (.english, let item?): english(item, from: sales(removal.sales))
        case (.english, nil): english(removal, from: sales(removal.sales))
        }
    }

    /// What the items left, in the genitive for Russian: `распродажи`, `2 распродаж`; `the sale`, `2 sales`.
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
}

// MARK: - Russian

extension SaleItemChangedTexts {
    private static let goods = PluralForms(one: "товар", few: "товара", many: "товаров")
    private static let unfit = PluralForms(
        one: "объявление больше не подходит под условия",
        few: "объявления больше не подходят под условия",
        many: "объявлений больше не подходят под условия")

    private func russian(_ item: NamedItem, from sales: String) -> NotificationContent {
        let name = item.title.map { "товар «\($0)»" } ?? "товар №\(item.id)"
        return NotificationContent(
            listTitle: "Исключили \(name) из \(sales)",
            listDescription: "Объявление больше не подходит под условия",
            fullTitle: "Мы исключили \(name) из \(sales)",
            fullText: "Его объявление больше не подходит под условия. Проверьте цену и описание товара.")
    }

    private func russian(_ removal: RemovedItems, from sales: String) -> NotificationContent {
        let goods = Self.goods.counted(removal.count, in: language)
        let unfit = Self.unfit.counted(removal.count, in: language)
        let names = language.list(removal.named.map { item in item.title.map { "«\($0)»" } ?? "№\(item.id)" })
        return NotificationContent(
            listTitle: "Исключили \(goods) из \(sales)",
            listDescription: unfit,
            fullTitle: "Мы исключили \(goods) из \(sales)",
            fullText: "\(unfit)\(names.isEmpty ? "" : ": \(names)"). Проверьте цены и описания товаров.")
    }
}

// MARK: - English

extension SaleItemChangedTexts {
    private static let items = PluralForms(one: "item", other: "items")
    private static let listings = PluralForms(
        one: "listing no longer meets the conditions", other: "listings no longer meet the conditions")

    private func english(_ item: NamedItem, from sales: String) -> NotificationContent {
        let name = item.title.map { "“\($0)”" } ?? "item No. \(item.id)"
        return NotificationContent(
            listTitle: "Removed \(name) from \(sales)",
            listDescription: "The listing no longer meets the conditions",
            fullTitle: "We removed \(name) from \(sales)",
            fullText: "Its listing no longer meets the conditions. Please check the price and the description.")
    }

    private func english(_ removal: RemovedItems, from sales: String) -> NotificationContent {
        let items = Self.items.counted(removal.count, in: language)
        let listings = Self.listings.counted(removal.count, in: language)
        let names = language.list(removal.named.map { item in item.title.map { "“\($0)”" } ?? "No. \(item.id)" })
        return NotificationContent(
            listTitle: "Removed \(items) from \(sales)",
            listDescription: listings,
            fullTitle: "We removed \(items) from \(sales)",
            fullText: "\(listings)\(names.isEmpty ? "" : ": \(names)"). Please check the prices and the descriptions.")
    }
}
