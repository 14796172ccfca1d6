import SheafCore

/// A payload with what payloads have: numbers, strings, choices, nested and optional members, a rule of its own.
struct SamplePayload: EventPayload {
    enum Status: String, Decodable, Sendable { case approved, rejected }

    struct Item: Decodable, Sendable { let id: Int64 }

    let saleID: Int64
    let code: String?
    let status: Status?
    let isBanned: Bool?
    let items: [Item]?

    var debounceKeyPart: String? { String(saleID) }

    private enum CodingKeys: String, CodingKey {
        case code, status, items
        case saleID = "sale_id"
        case isBanned = "is_banned"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        saleID = try container.decode(Int64.self, forKey: .saleID)
        code = try container.decodeIfPresent(String.self, forKey: .code)
        status = try container.decodeIfPresent(Status.self, forKey: .status)
        isBanned = try container.decodeIfPresent(Bool.self, forKey: .isBanned)
        items = try container.decodeIfPresent([Item].self, forKey: .items)
        if code == "" { throw SheafError(.badPayload, field: "data.code", "is empty") }
    }
}

/// Says the sum of its sales.
struct SampleFactory: NotificationFactory {
    func compose(_ payloads: [SamplePayload], for recipient: RecipientID) async throws -> Composition {
        .suppressed(reason: "\(recipient):\(payloads.map(\.saleID).reduce(0, +))")
    }
}

extension EventType {
    static func sample(
        _ name: String = "sample", code: EventTypeCode = 1, topic: String? = nil, delivery: DeliveryPolicy = .immediate
    ) -> EventType {
        EventType(name, code: code, topic: topic, delivery: delivery, factory: SampleFactory())
    }
}
