import SheafCore

struct Ping: EventPayload {
    let saleID: Int64
    let itemID: Int64
    enum CodingKeys: String, CodingKey { case saleID = "sale_id", itemID = "item_id" }
    var debounceKeyPart: String? { String(saleID) }
}

struct PingFactory: NotificationFactory {
    func compose(_ payloads: [Ping], for recipient: RecipientID) async throws -> Composition {
        .notification(
            NotificationContent(
                listTitle: "Исключили \(payloads.count) товаров из распродажи",
                listDescription: "\(payloads.count) объявлений больше не подходят под условия",
                fullTitle: "Исключили \(payloads.count) товаров из распродажи", fullText: "…"))
    }
}
struct NullGateway2: Gateway {
    func send(_ n: UserNotification, type: String) async -> GatewayOutcome { .delivered(httpStatus: 200) }
}
