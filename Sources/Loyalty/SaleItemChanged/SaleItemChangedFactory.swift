import Algorithms
import SheafCore

/// Writes which items were excluded from a sale: those that the sales service calls banned.
struct SaleItemChangedFactory: NotificationFactory {
    /// The maximum number of items listed by name; more are only counted, and their titles are not requested.
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

    /// The payloads whose item is banned in its sale. A window holds one sale, but this does not rely on it.
    private func banned(among payloads: [SaleItemChanged]) async throws -> [SaleItemChanged] {
        var banned: Set<SaleItemChanged> = []
        for (sale, changes) in Dictionary(grouping: payloads, by: \.saleID) {
            let items = try await sales.bannedItems(among: Array(changes.map(\.itemID).uniqued()), in: sale)
            banned.formUnion(items.map { SaleItemChanged(saleID: sale, itemID: $0) })
        }
        return payloads.filter(banned.contains)
    }

    /// The items to list, or none if there are too many.
    private func named(_ itemIDs: [Int64]) async throws -> [NamedItem] {
        guard itemIDs.count <= Self.namedItems else { return [] }
        let titles = try await items.titles(of: itemIDs)
        return itemIDs.map { NamedItem(id: $0, title: titles[$0]) }
    }
}
