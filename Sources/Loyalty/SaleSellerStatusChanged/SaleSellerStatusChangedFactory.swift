import Algorithms
import SheafCore

/// Writes the seller's status in each sale; if a window has several events of a sale, the last counts.
struct SaleSellerStatusChangedFactory: NotificationFactory {
    private let texts: SaleSellerStatusChangedTexts

    init(language: Language) { texts = SaleSellerStatusChangedTexts(language: language) }

    func compose(_ payloads: [SaleSellerStatusChanged], for recipient: RecipientID) async throws -> Composition {
        let latest = Array(payloads.reversed().uniqued(on: \.saleID).reversed())
        guard let last = latest.last else { return .suppressed(reason: "empty") }
        return .notification(latest.count == 1 ? texts.content(for: last) : texts.content(for: latest))
    }
}
