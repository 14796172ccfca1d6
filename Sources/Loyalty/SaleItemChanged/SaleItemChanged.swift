import SheafCore

/// An item of a seller changed its standing in a sale.
struct SaleItemChanged: EventPayload, Codable, Hashable {
    let saleID: Int64
    let itemID: Int64

    enum CodingKeys: String, CodingKey {
        case saleID = "sale_id"
        case itemID = "item_id"
    }

    init(saleID: Int64, itemID: Int64) {
        self.saleID = saleID
        self.itemID = itemID
    }

    /// The items of one sale are bound together.
    var debounceKeyPart: String? { String(saleID) }
}
