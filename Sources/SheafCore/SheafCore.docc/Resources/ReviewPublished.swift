import SheafCore

/// A buyer reviewed an item.
struct ReviewPublished: EventPayload {
    let itemID: Int64
    let stars: Int

    enum CodingKeys: String, CodingKey {
        case itemID = "item_id"
        case stars
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        itemID = try container.decode(Int64.self, forKey: .itemID)
        stars = try container.decode(Int.self, forKey: .stars)
        guard (1...5).contains(stars) else {
            throw SheafError(.badPayload, field: "data.stars", "expected 1 to 5")
        }
    }

    /// The reviews of one item are bound together.
    var debounceKeyPart: String? { String(itemID) }
}
