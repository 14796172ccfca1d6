import SheafCore

/// The state of a seller's item in a sale changed.
struct SaleItemChanged: EventPayload, Hashable {
    static let fields = [PayloadField("sale_id", .integer), PayloadField("item_id", .integer)]

    let saleID: Int64
    let itemID: Int64

    init(saleID: Int64, itemID: Int64) {
        self.saleID = saleID
        self.itemID = itemID
    }

    init(_ values: PayloadValues) throws(SheafError) {
        saleID = try values.integer("sale_id")
        itemID = try values.integer("item_id")
    }

    /// The items of one sale share a notification.
    var debounceKeyPart: String? { String(saleID) }
}
