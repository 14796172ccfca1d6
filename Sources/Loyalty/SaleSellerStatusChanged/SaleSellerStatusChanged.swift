import SheafCore

/// A sale changed the standing of a seller.
struct SaleSellerStatusChanged: EventPayload, Codable, Hashable {
    enum Status: String, Codable, Hashable, Sendable, CaseIterable {
        case approved, rejected, blocked
    }

    let saleID: Int64
    let status: Status

    enum CodingKeys: String, CodingKey {
        case saleID = "sale_id"
        case status
    }

    init(saleID: Int64, status: Status) {
        self.saleID = saleID
        self.status = status
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        saleID = try container.decode(Int64.self, forKey: .saleID)
        guard let status = Status(rawValue: try container.decode(String.self, forKey: .status)) else {
            let allowed = Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw SheafError(.badPayload, field: "data.status", "has another value than: \(allowed)")
        }
        self.status = status
    }
}
