import SheafCore

/// A buyer reviewed an item.
struct ReviewPublished: EventPayload {
    static let fields = [PayloadField("item_id", .integer), PayloadField("stars", .integer)]

    let itemID: Int64
    let stars: Int64

    init(_ values: PayloadValues) throws(SheafError) {
        itemID = try values.integer("item_id")
        stars = try values.integer("stars")
        guard (1...5).contains(stars) else {
            throw SheafError(.badPayload, field: "data.stars", "expected 1 to 5")
        }
    }

    /// The reviews of one item share a notification.
    var debounceKeyPart: String? { String(itemID) }
}
