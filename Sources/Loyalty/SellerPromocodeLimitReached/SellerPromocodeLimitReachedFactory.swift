import Algorithms
import SheafCore

/// Writes that promocodes are used up; if a window has several events of a promocode, the last counts.
struct SellerPromocodeLimitReachedFactory: NotificationFactory {
    private let texts: SellerPromocodeLimitReachedTexts

    init(language: Language) { texts = SellerPromocodeLimitReachedTexts(language: language) }

    func compose(_ payloads: [SellerPromocodeLimitReached], for recipient: RecipientID) async throws -> Composition {
        let latest = Array(payloads.reversed().uniqued(on: \.promocodeID).reversed())
        guard let last = latest.last else { return .suppressed(reason: "empty") }
        return .notification(latest.count == 1 ? texts.content(for: last) : texts.content(for: latest))
    }
}
