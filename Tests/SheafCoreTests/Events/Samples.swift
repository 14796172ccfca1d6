import SheafCore

/// A payload with typical members: numbers, strings, choices, optional members, and a rule of its own.
struct SamplePayload: EventPayload {
    static let fields = [
        PayloadField("sale_id", .integer), PayloadField("code", .string), PayloadField("is_banned", .boolean),
        PayloadField("price", .number), PayloadField("items", .json),
    ]

    let saleID: Int64
    let code: String?
    let isBanned: Bool?
    let price: Double?
    let items: String?

    var debounceKeyPart: String? { ([String(saleID)] + [items, price.map { "\($0)" }].compactMap(\.self)).joined() }

    init(_ values: PayloadValues) throws(SheafError) {
        saleID = try values.integer("sale_id")
        code = values.has("code") ? try values.string("code") : nil
        isBanned = values.has("is_banned") ? try values.boolean("is_banned") : nil
        price = values.has("price") ? try values.number("price") : nil
        items = values.has("items") ? try values.json("items") : nil
        if code == "" { throw SheafError(.badPayload, field: "data.code", "is empty") }
    }
}

/// Composes the sum of its sales.
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

/// A payload that reads the members which also name the recipient of a topic's record.
struct TopicPayload: EventPayload {
    static let fields = [PayloadField("seller_id", .integer), PayloadField("event_id", .string)]

    init(_ values: PayloadValues) throws(SheafError) {
        _ = (try values.integer("seller_id"), try values.string("event_id"))
    }
}

/// Composes nothing.
struct TopicFactory: NotificationFactory {
    func compose(_ payloads: [TopicPayload], for recipient: RecipientID) async throws -> Composition {
        .suppressed(reason: "nothing_to_say")
    }
}

extension EventType {
    static func topicSample() -> EventType {
        EventType("topic_sample", code: 1, topic: "t", delivery: .immediate, factory: TopicFactory())
    }
}
