import SheafCore

/// A seller's promocode reached its limit of uses.
struct SellerPromocodeLimitReached: EventPayload, Hashable {
    static let fields = [
        PayloadField("promocode_id", .integer), PayloadField("code", .string), PayloadField("limit", .integer),
    ]
    /// The maximum length of a code, in Unicode scalars.
    static let longestCode = 200

    let promocodeID: Int64
    /// The code that buyers enter.
    let code: String
    /// How many times it may be used.
    let limit: Int64

    init(promocodeID: Int64, code: String, limit: Int64) {
        self.promocodeID = promocodeID
        self.code = code
        self.limit = limit
    }

    init(_ values: PayloadValues) throws(SheafError) {
        promocodeID = try values.integer("promocode_id")
        code = try values.string("code")
        limit = try values.integer("limit")
        guard code.asLine(limit: Self.longestCode) != nil else {
            throw SheafError(.badPayload, field: "data.code", "is empty")
        }
        guard code.unicodeScalars.count <= Self.longestCode else {
            throw SheafError(.badPayload, field: "data.code", "has more than \(Self.longestCode) characters")
        }
        guard limit >= 0 else { throw SheafError(.badPayload, field: "data.limit", "is less than 0") }
    }
}
