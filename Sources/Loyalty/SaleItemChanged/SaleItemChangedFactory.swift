import Algorithms
import SheafCore

/// Words which items were excluded from a sale: those the sales service calls banned.
struct SaleItemChangedFactory: NotificationFactory {
    /// As many items are named one by one; more are counted, and their titles are not asked for.
    static let namedItems = 5

    private let texts: SaleItemChangedTexts
    private let sales: any SalesService
    private let items: any ItemsService

    init(language: Language, services: LoyaltyServices) {
        texts = SaleItemChangedTexts(language: language)
        sales = services.sales
        items = services.items
    }

    func compose(_ payloads: [SaleItemChanged], for recipient: RecipientID) async throws -> Composition {
        let banned = try await banned(among: payloads)
        let itemIDs = Array(banned.map(\.itemID).uniqued())
        guard !itemIDs.isEmpty else { return .suppressed(reason: "no_banned_items") }
        let removal = RemovedItems(
            count: itemIDs.count, sales: Set(banned.map(\.saleID)).count, named: try await named(itemIDs))
        return .notification(texts.content(for: removal))
    }

    /// The payloads whose item is banned in their sale. A window holds one sale; nothing here relies on it.
    private func banned(among payloads: [SaleItemChanged]) async throws -> [SaleItemChanged] {
        var banned: Set<SaleItemChanged> = []
        for (sale, changes) in Dictionary(grouping: payloads, by: \.saleID) {
            let items = try await sales.bannedItems(among: Array(changes.map(\.itemID).uniqued()), in: sale)
            banned.formUnion(items.map { SaleItemChanged(saleID: sale, itemID: $0) })
        }
        return payloads.filter(banned.contains)
    }

    /// The items to be named, or none where they are too many.
    private func named(_ itemIDs: [Int64]) async throws -> [NamedItem] {
        guard itemIDs.count <= Self.namedItems else { return [] }
        let titles = try await items.titles(of: itemIDs)
        return itemIDs.map { NamedItem(id: $0, title: titles[$0]) }
    }
}
