import SheafCore
import Testing

extension EventStoreConformance {
    static var settings: [Check] {
        [
            Check("Recipients' settings are merged, and read for many recipients at once") { harness async throws in
                let store = harness.store
                #expect(try await store.settings(of: [42, 43]).isEmpty)
                #expect(try await store.settings(of: []).isEmpty)
                #expect(
                    try await store.describe(42, RecipientChange(locale: .set("ru")))
                        == RecipientDescription(locale: "ru"))
                #expect(
                    try await store.describe(42, RecipientChange(timeZone: .set("Europe/Moscow")))
                        == RecipientDescription(locale: "ru", timeZone: "Europe/Moscow"))
                try await store.describe(.min, RecipientChange(locale: .set("pt-BR"), timeZone: .set("UTC")))
                #expect(
                    try await store.settings(of: [43, 42, .min, 42]) == [
                        42: RecipientDescription(locale: "ru", timeZone: "Europe/Moscow"),
                        .min: RecipientDescription(locale: "pt-BR", timeZone: "UTC"),
                    ])
                #expect(
                    try await store.describe(42, RecipientChange(locale: .unset))
                        == RecipientDescription(timeZone: "Europe/Moscow"))
                #expect(
                    try await store.describe(42, RecipientChange()) == RecipientDescription(timeZone: "Europe/Moscow"))
            },
            Check("A recipient without remaining settings has none") { harness async throws in
                let store = harness.store
                #expect(try await store.describe(42, RecipientChange()).isEmpty)
                #expect(try await store.describe(42, RecipientChange(locale: .unset)).isEmpty)
                try await store.describe(42, RecipientChange(locale: .set("en"), timeZone: .set("UTC")))
                #expect(try await store.describe(42, RecipientChange(locale: .unset, timeZone: .unset)).isEmpty)
                #expect(try await store.settings(of: [42]).isEmpty)
            },
            Check("A recipient's settings survive a crash, and are erased with the recipient") {
                harness async throws in
                for recipient in [42, 43] as [RecipientID] {
                    try await harness.store.describe(recipient, RecipientChange(locale: .set("en")))
                }
                let store = try await harness.reopen()
                try await store.erase(42)
                #expect(try await store.settings(of: [42, 43]) == [43: RecipientDescription(locale: "en")])
            },
        ]
    }
}
