import Foundation
import MessageFormat
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Texts of declared types")
struct TextTests {
    @Test("Events and a field's distinct values are counted")
    func counts() async throws {
        let type = try sample("{count}|{events}|{count_author}|{more_author}|{count_item_id}")
        #expect(
            try await type.content([
                #"{"item_id":1,"author":"a"}"#, #"{"item_id":1,"author":"a"}"#, #"{"item_id":2}"#,
                #"{"item_id":3,"author":"b"}"#,
            ]).listTitle == "4|4|2|0|3")
        let distinct = try sample("{count}|{events}", more: "distinct: author")
        #expect(
            try await distinct.content([
                #"{"item_id":1,"author":"a"}"#, #"{"item_id":2}"#, #"{"item_id":3}"#, #"{"item_id":3,"author":"a"}"#,
            ]).listTitle == "2|4")
    }

    @Test("The first and last values are those of events that have one; the latest three are listed, newest first")
    func values() async throws {
        let type = try sample(
            "{count_author, plural, =0 {nobody} other {{first_author}-{last_author}: {list_author}{more_author, plural, =0 {} other { +#}}}}"
        )
        #expect(try await type.content([#"{"item_id":1}"#]).listTitle == "nobody")
        #expect(
            try await type.content([#"{"item_id":1}"#, #"{"item_id":1,"author":"a"}"#, #"{"item_id":1,"author":null}"#])
                .listTitle == "a-a: a")
        let many = ["a", "b", "c", "a", "d", "d"].map { #"{"item_id":1,"author":"\#($0)"}"# }
        #expect(try await type.content(many).listTitle == "a-d: d, a, and c +1")
    }

    @Test("Values are distinguished by bytes")
    func bytes() async throws {
        let type = try sample("{count_author}")
        #expect(
            try await type.content(["caf\u{E9}", "cafe\u{301}"].map { #"{"item_id":1,"author":"\#($0)"}"# }).listTitle
                == "2")
    }

    @Test("Ids are plain digits, other numbers follow the language's rules")
    func numbers() async throws {
        let type = try sample(
            data: "{id: id, n: integer, x: number, done: boolean, status: [open, closed]}",
            "{last_id}|{list_id}|{last_n}|{sum_n}|{sum_x}|{list_n}|{last_done, select, true {yes} other {no}}|{last_status}|{recipient_id}"
        )
        let content = try await type.content([
            #"{"id":"9007199254740993","n":1200,"x":0.5,"done":false,"status":"closed"}"#,
            #"{"id":1234567,"n":34,"x":2,"done":true,"status":"open"}"#,
        ])
        #expect(
            content.listTitle == "1234567|1234567 and 9007199254740993|34|1,234|2.5|34 and 1,200|yes|open|42")
        let huge = try await type.content(
            Array(repeating: #"{"id":1,"n":9223372036854775807,"x":1,"done":true,"status":"open"}"#, count: 3))
        #expect(huge.listTitle.contains("9,223,372,036,854,775,807"))
    }

    @Test("Times are in the reader's zone")
    func times() async throws {
        let type = try sample(data: "{at: time}", "{last_at, time, short}")
        let context = TextContext(
            languages: english.languages, timeZone: try #require(TimeZone(identifier: "Asia/Tokyo")))
        let text = try await type.content([#"{"at":"2026-01-05T20:30:00Z"}"#], context).listTitle
        #expect(text.contains("5:30"), "\(text)")
    }

    @Test("Values are cleaned")
    func cleaning() async throws {
        let type = try sample(data: "{a: string}", "{last_a}")
        #expect(try await type.content([#"{"a":"x\ny\tz\u0001"}"#]).listTitle == "x y z")
        #expect(try await type.content([#"{"a":"שלום"}"#]).listTitle == "\u{2068}שלום\u{2069}")
        let long = String(repeating: "é", count: 300)
        #expect(try await type.content([#"{"a":"\#(long)"}"#]).listTitle.count == 200)
        #expect(try await type.content([#"{"a":"{count} # ''"}"#]).listTitle == "{count} # ''")
    }

    @Test("Values in an address are percent-encoded")
    func url() async throws {
        let type = try declared(
            """
            data: {q: string, n: integer}
            key: [q]
            texts: {en: {list_title: a, url: "https://a/{q}?n={sum_n}&c={count, plural, one {one} other {#}}"}}
            """)
        let content = try await type.content([#"{"q":"a b/é&א","n":1234}"#])
        #expect(content.url == "https://a/a%20b%2F%C3%A9%26%D7%90?n=1234&c=one")
        #expect(content.locale == "en" && content.category == "general" && content.importance == "normal")
    }

    @Test("Lines show the latest ten events, newest first, each as a window of one, and are not cut")
    func lines() async throws {
        let type = try declared(
            """
            data: {a: string, b: string?}
            key: [a]
            texts:
              en:
                list_title: t
                full_text: "{lines}"
                line: "{a} {count}/{events}: {count_b, plural, =0 {-} other {{last_b}}}"
            """)
        let long = String(repeating: "x", count: 190)
        let payloads = (1...12).map { #"{"a":"k","b":"\#($0)\#(long)"}"# } + [#"{"a":"k"}"#]
        let lines = try await type.content(payloads).fullText.split(separator: "\n")
        #expect(lines.count == 10 && lines[0] == "k 1/1: -" && lines[1] == "k 1/1: 12\(long)")
    }

    @Test(
        "A reader gets the nearest language by CLDR's parents",
        arguments: [
            (["pt-AO", "en"], "pt-PT"), (["pt-BR"], "pt"), (["en-GB"], "en"), (["fr", "ru"], "ru"), (["fr"], "en"),
            ([], "en"), (["ru-KZ"], "ru"),
        ])
    func languages(wanted: [String], expected: String) async throws {
        let texts = ["ru", "en", "pt", "pt-PT"].map { "\($0): {list_title: '\($0)'}" }.joined(separator: ", ")
        let type = try declared("data: {}\ntexts: {\(texts)}")
        let context = TextContext(languages: wanted.compactMap { LanguageTag($0) })
        #expect(try await type.content(["{}"], context).listTitle == expected)
    }

    @Test("Returned values are variables, and missing ones print nothing")
    func returned() async throws {
        let type = try declared(
            """
            data: {id: id}
            enrich: {url: "https://a", needed: false, returns: {title: string, stock: integer}}
            texts: {en: {list_title: "<{title}> {stock}"}}
            """)
        func content(_ answer: EnrichAnswer?) async throws -> Composition {
            try await type.preview([#"{"id":1}"#, #"{"id":2}"#], for: 42, english, answer: answer)
        }
        func title(_ composition: Composition) -> String? {
            if case .notification(let content) = composition { content.listTitle } else { nil }
        }
        #expect(title(try await content(nil)) == "<> ")
        let variables: [String: EnrichAnswer.Value] = ["title": .text("a\nb"), "stock": .integer(1200)]
        #expect(title(try await content(EnrichAnswer(variables: variables))) == "<a b> 1,200")
        #expect(try await content(EnrichAnswer(suppression: "sold_out")) == .suppressed(reason: "sold_out"))
        #expect(try await content(EnrichAnswer(kept: [])) == .suppressed(reason: "not_kept"))
    }
}
