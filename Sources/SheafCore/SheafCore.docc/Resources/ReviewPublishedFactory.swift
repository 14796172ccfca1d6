import SheafCore

/// Writes how many bad reviews an item got.
struct ReviewPublishedFactory: NotificationFactory {
    let texts: ReviewPublishedTexts

    func compose(_ payloads: [ReviewPublished], for recipient: RecipientID) async throws -> Composition {
        let bad = payloads.count { $0.stars <= 3 }
        guard bad > 0 else { return .suppressed(reason: "no_bad_reviews") }
        return .notification(texts.content(bad: bad))
    }
}
