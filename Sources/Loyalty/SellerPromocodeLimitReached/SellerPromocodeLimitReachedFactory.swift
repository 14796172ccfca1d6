import Algorithms
import SheafCore

/// Words that a promocode is used up. Where events are bound together, the last one of each promocode counts.
struct SellerPromocodeLimitReachedFactory: NotificationFactory {
    private let texts: SellerPromocodeLimitReachedTexts

    init(language: Language) { texts = SellerPromocodeLimitReachedTexts(language: language) }

    func compose(_ payloads: [SellerPromocodeLimitReached], for recipient: RecipientID) async throws -> Composition {
        let latest = Array(payloads.reversed().uniqued(on: \.promocodeID).reversed())
        guard let last = latest.last else { return .suppressed(reason: "empty") }
        return .notification(latest.count == 1 ? texts.content(for: last) : texts.content(for: latest))
    }
}
