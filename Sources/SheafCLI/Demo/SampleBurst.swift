import SheafCore

/// The events of the demo's marketplace: many items of two sales change, and a few events are notified at once.
enum SampleBurst {
    /// In the sandbox three of four items are banned, so 21 of 28 items leave the sale.
    static let events: [IncomingEvent] =
        items(28, of: 7, for: 42) + items(9, of: 8, for: 42) + items(2, of: 7, for: 1001)
        + [
            event("sale_item_changed", 77, #"{"sale_id":9,"item_id":4}"#),
            event("sale_seller_status_changed", 42, #"{"sale_id":7,"status":"approved"}"#),
            event("seller_promocode_limit_reached", 1001, #"{"promocode_id":5,"code":"СКИДКА10","limit":100}"#),
        ]

    private static func items(_ count: Int, of sale: Int, for recipient: RecipientID) -> [IncomingEvent] {
        (1...count).map { event("sale_item_changed", recipient, #"{"sale_id":\#(sale),"item_id":\#($0)}"#) }
    }

    private static func event(_ type: String, _ recipient: RecipientID, _ data: String) -> IncomingEvent {
        IncomingEvent(source: "demo", type: type, recipient: recipient, data: data)
    }
}
