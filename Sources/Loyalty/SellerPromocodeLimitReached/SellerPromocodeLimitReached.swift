import SheafCore

/// A promocode of a seller was used as often as it may be.
struct SellerPromocodeLimitReached: EventPayload, Codable, Hashable {
    /// The longest code, in Unicode scalars.
    static let longestCode = 200

    let promocodeID: Int64
    /// What buyers enter.
    let code: String
    /// How often it may be used.
    let limit: Int64

    enum CodingKeys: String, CodingKey {
        case promocodeID = "promocode_id"
        case code, limit
    }

    init(promocodeID: Int64, code: String, limit: Int64) {
        self.promocodeID = promocodeID
        self.code = code
        self.limit = limit
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        promocodeID = try container.decode(Int64.self, forKey: .promocodeID)
        code = try container.decode(String.self, forKey: .code)
        limit = try container.decode(Int64.self, forKey: .limit)
        guard code.asLine(limit: Self.longestCode) != nil else {
            throw SheafError(.badPayload, field: "data.code", "is empty")
        }
        guard code.unicodeScalars.count <= Self.longestCode else {
            throw SheafError(.badPayload, field: "data.code", "has more than \(Self.longestCode) characters")
        }
        guard limit >= 0 else { throw SheafError(.badPayload, field: "data.limit", "is less than 0") }
    }
}
