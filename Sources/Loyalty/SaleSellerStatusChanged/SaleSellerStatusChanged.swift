import SheafCore

/// The status of a seller in a sale changed.
struct SaleSellerStatusChanged: EventPayload, Hashable {
    static let fields = [PayloadField("sale_id", .integer), PayloadField("status", .string)]

    enum Status: String, Hashable, Sendable, CaseIterable {
        case approved, rejected, blocked
    }

    let saleID: Int64
    let status: Status

    init(saleID: Int64, status: Status) {
        self.saleID = saleID
        self.status = status
    }

    init(_ values: PayloadValues) throws(SheafError) {
        saleID = try values.integer("sale_id")
        guard let status = Status(rawValue: try values.string("status")) else {
            let allowed = Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw SheafError(.badPayload, field: "data.status", "must be one of: \(allowed)")
        }
        self.status = status
    }
}
