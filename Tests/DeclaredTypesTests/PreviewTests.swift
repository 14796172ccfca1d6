import Foundation
import MessageFormat
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Previews")
struct PreviewTests {
    private static let reviews = """
        data: {item_id: id, stars: integer, at: time?}
        key: [item_id]
        delivery: {mode: tumbling, window: 5m}
        when: data.stars <= 3 && (data.stars > 0 || data.item_id / data.stars > 0)
        enrich: {url: "https://a", needed: false, returns: {title: string, stock: integer, ratio: number, sold: boolean}}
        texts:
          en: {list_title: "{count} of {title}{stock}{ratio}{sold} for {recipient_id}", full_text: "{count_at, plural, =0 {} other {{last_at, time, short}}}"}
          ru: {list_title: "{count} у {title}"}
        """

    private let head = EventHead(recipient: 7, occurredAt: TypeExample.usualNow)

    private func preview(
        _ payloads: [String], _ context: TextContext = english, enrich: String? = nil, of yaml: String = Self.reviews
    ) async throws -> WindowPreview {
        try await declared(yaml).windowPreview(of: payloads, for: head, context, enrich: enrich)
    }

    private func title(_ preview: WindowPreview) -> String? {
        if case .notification(let content) = preview.composition { content.listTitle } else { nil }
    }

    @Test("Events that do not meet `when` are left out of the preview")
    func condition() async throws {
        let events = [1, 5, 2, 0].map { #"{"item_id":\#($0 < 2 ? 1 : 2),"stars":\#($0)}"# }
        let preview = try await preview(events)
        #expect(title(preview) == "2 of  for 7")
        #expect(preview.events == 2 && preview.windows == 2)
        #expect(preview.leftOut.map(\.event) == [1, 3])
        #expect(preview.leftOut.map(\.reason) == ["not_matching", "condition_failed"])
        let nothing = try await self.preview([events[3], events[1]])
        #expect(nothing.composition == .suppressed(reason: "condition_failed"))
        #expect(nothing.events == 0 && nothing.windows == 0)
    }

    @Test("Texts are in the reader's language and zone")
    func reader() async throws {
        let zone = try #require(TimeZone(identifier: "Asia/Tokyo"))
        let event = #"{"item_id":1,"stars":1,"at":"2026-01-05T12:00:00Z"}"#
        let languages = ["pl", "ru"].compactMap { LanguageTag($0) }
        #expect(try await title(preview([event], TextContext(languages: languages))) == "1 у ")
        let preview = try await preview([event], TextContext(languages: english.languages, timeZone: zone))
        guard case .notification(let content) = preview.composition else {
            Issue.record("there is no notification")
            return
        }
        #expect(content.fullText.contains("9:00"))
    }

    @Test("The assumed response is used, and its indexes count only events that meet `when`")
    func answer() async throws {
        let events = [5, 1, 1, 1].map { #"{"item_id":1,"stars":\#($0)}"# }
        let variables = #"{"variables":{"title":"a \ud83e\uded6","stock":9007199254740993,"ratio":0.5,"sold":true}}"#
        #expect(try await title(preview(events, enrich: variables)) == "3 of a 🫖9,007,199,254,740,9930.5true for 7")
        let kept = try await preview(events, enrich: #"{"keep":[0,2]}"#)
        #expect(kept.events == 2 && kept.leftOut.map(\.event) == [0, 2])
        #expect(kept.leftOut.map(\.reason) == ["not_matching", "not_kept"])
        let none = try await preview(events, enrich: #"{"keep":[]}"#)
        #expect(none.composition == .suppressed(reason: "not_kept") && none.events == 0 && none.leftOut.count == 4)
        let suppressed = try await preview(events, enrich: #"{"suppress":"sold_out"}"#)
        #expect(suppressed.composition == .suppressed(reason: "sold_out") && suppressed.events == 0)
    }

    @Test(
        "Errors in an event or a response name the field",
        arguments: [
            (["{\"item_id\":1,\"stars\":1}", "{\"item_id\":1,\"stars\":\"x\"}"], nil, "events[1].data.stars"),
            (["{\"stars\":1}"], nil, "events[0].data.item_id"), (["7"], nil, "events[0].data"),
            (["{\"item_id\":1,\"stars\":1,\"at\":\"noon\"}"], nil, "events[0].data.at"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"variables\":{\"titel\":\"x\"}}", "enrich.variables.titel"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"variables\":{\"stock\":1.5}}", "enrich.variables.stock"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"keep\":[-1]}", "enrich.keep[0]"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"keep\":[1]}", "enrich.keep"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"variables\":{\"title\":\"x\"}}", "enrich.variables"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"suppress\":\"No!\"}", "enrich.suppress"),
            (["{\"item_id\":1,\"stars\":1}"], "{\"other\":1}", "enrich.other"),
        ] as [([String], String?, String)])
    func fields(events: [String], enrich: String?, field: String) async throws {
        await #expect {
            _ = try await preview(events, enrich: enrich)
        } throws: {
            ($0 as? SheafError)?.field == field
        }
    }

    @Test("A type without a service accepts no assumed response")
    func noService() async throws {
        let yaml = "data: {a: id}\ndelivery: immediate\ntexts: {en: {list_title: '{count}'}}"
        await #expect {
            _ = try await preview([#"{"a":1}"#], enrich: "{}", of: yaml)
        } throws: {
            ($0 as? SheafError)?.field == "enrich"
        }
        let both = try await preview([#"{"a":1}"#, #"{"a":1}"#], of: yaml)
        #expect(both.windows == 2 && both.events == 2)
        // Events accepted before the type retired are still notified.
        #expect(try await title(preview([#"{"a":1}"#], of: yaml + "\nretired: true")) == "1")
    }
}
