import Loyalty
import SheafCore
import Testing

/// Adding a type takes a payload, a factory, and one entry; no part of Sheaf changes.
@Suite struct AddedTypeTests {
    struct ReviewPublished: EventPayload {
        static let fields = [PayloadField("item", .integer), PayloadField("stars", .integer)]

        let item: Int64
        let stars: Int64

        init(_ values: PayloadValues) throws(SheafError) {
            item = try values.integer("item")
            stars = try values.integer("stars")
        }

        var debounceKeyPart: String? { String(item) }
    }

    struct ReviewPublishedFactory: NotificationFactory {
        func compose(_ payloads: [ReviewPublished], for recipient: RecipientID) async throws -> Composition {
            let stars = payloads.map(\.stars).reduce(0, +)
            guard stars > 0 else { return .suppressed(reason: "no_stars") }
            return .notification(
                NotificationContent(
                    listTitle: "\(payloads.count) reviews", listDescription: "\(stars) stars",
                    fullTitle: "Reviews for \(recipient)", fullText: "You got \(stars) stars."))
        }
    }

    private func catalog() throws -> EventCatalog {
        try EventCatalog(
            LoyaltyCatalog.types(language: .english, services: LoyaltyServices()) + [
                EventType(
                    "review_published", code: 4, topic: "marketplace-review.published",
                    delivery: .debounced(WindowPolicy(length: .seconds(5))), factory: ReviewPublishedFactory())
            ])
    }

    @Test func `a fourth type is found by name, code and topic beside the others`() throws {
        let catalog = try catalog()
        #expect(catalog.types.count == 4)
        #expect(catalog.type(named: "review_published")?.code == 4)
        #expect(catalog.type(code: 4)?.name == "review_published")
        #expect(catalog.type(topic: "marketplace-review.published")?.name == "review_published")
        #expect(catalog.type(code: 1)?.name == "sale_item_changed")
    }

    @Test func `a fourth type parses and composes its events`() async throws {
        let type = try #require(try catalog().type(named: "review_published"))
        #expect(
            try type.classify(
                #"{"item":9,"stars":5}"#, EventHead(recipient: 42, occurredAt: Timestamp(microseconds: 0))
            ).keyPart == "9")
        let events = [#"{"item":9,"stars":5}"#, #"{"item":9,"stars":4}"#].map { event($0, of: type) }
        let composition = try await type.compose(events)
        #expect(composition.content?.listTitle == "2 reviews")
        #expect(composition.content?.fullTitle == "Reviews for 42")
        let silent = try await type.compose([event(#"{"item":9,"stars":0}"#, of: type)])
        #expect(silent == .suppressed(reason: "no_stars"))
    }

    @Test func `a built-in type composes its events through the catalog`() async throws {
        let type = try #require(try catalog().type(named: "sale_item_changed"))
        let events = (1...22).map { event(#"{"sale_id":7,"item_id":\#($0)}"#, of: type) }
        #expect(try await type.compose(events).content?.fullTitle == "Removed 22 items from the sale")
    }

    private func event(_ payload: String, of type: EventType) -> Event {
        Event(
            IncomingEvent(source: "test", type: type.name, recipient: 42, data: payload), type: type.code,
            at: Timestamp(milliseconds: 1_764_000_000_000))
    }
}
