import SheafCore

extension EventType {
    /// The bad reviews of an item within five minutes.
    static func reviewPublished(language: Language) -> EventType {
        EventType(
            "review_published", code: 4, topic: "marketplace-review.published",
            delivery: .debounced(WindowPolicy(length: .seconds(300))),
            factory: ReviewPublishedFactory(texts: ReviewPublishedTexts(language: language)))
    }
}
