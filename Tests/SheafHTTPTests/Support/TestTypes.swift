import SheafCore

/// Event types for tests: one that waits in windows, one that does not.
enum TestTypes {
    struct Payload: EventPayload {
        static let fields = [PayloadField("sale_id", .integer)]

        let saleID: Int64?

        init(_ values: PayloadValues) throws(SheafError) {
            saleID = values.has("sale_id") ? try values.integer("sale_id") : nil
        }

        var debounceKeyPart: String? { saleID.map { String($0) } }
    }

    struct Factory: NotificationFactory {
        func compose(_ payloads: [Payload], for _: RecipientID) async throws -> Composition {
            .suppressed(reason: "nothing_to_say")
        }
    }

    static let window = WindowPolicy()

    static func catalog() throws -> LiveCatalog {
        try LiveCatalog([
            EventType("sale_item_changed", code: 1, delivery: .debounced(window), factory: Factory()),
            EventType("sale_seller_status_changed", code: 2, delivery: .immediate, factory: Factory()),
        ])
    }
}
