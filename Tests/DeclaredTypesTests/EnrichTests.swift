import Foundation
import SheafCore
import Synchronization
import Testing

@testable import DeclaredTypes

/// A service that returns prepared texts in turn, and records its requests.
private final class ScriptedHook: EnrichServices {
    private let asked = Mutex<[EnrichQuestion]>([])
    private let answer: @Sendable (Int) throws -> String

    /// - Parameter answer: returns the response; calls are counted from 1.
    init(_ answer: @escaping @Sendable (Int) throws -> String) { self.answer = answer }

    var questions: [EnrichQuestion] { asked.withLock(\.self) }

    func answer(to question: EnrichQuestion) async throws -> EnrichAnswer {
        let call = asked.withLock { asked in
            asked.append(question)
            return asked.count
        }
        return try question.answer(from: answer(call).utf8)
    }
}

@Suite("Services of declared types")
struct EnrichTests {
    private func declaration(_ more: String = "", languages: [String] = ["en", "ru", "pt"]) throws -> TypeDeclaration {
        let texts = languages.map { #"\#($0): {list_title: "\#($0) {count} {title} {stock}"}"# }
        return try declared(
            """
            data: {n: integer}
            enrich: {url: "https://shop.example/enrich", returns: {title: string, stock: integer}\(more)}
            texts: {\(texts.joined(separator: ", "))}
            """)
    }

    private func compose(
        _ payloads: [String], _ declaration: TypeDeclaration, _ hook: ScriptedHook,
        settings: RecipientDescription = RecipientDescription()
    ) async throws -> (WindowComposition, [Event]) {
        let events = payloads.map { declaration.event($0, recipient: 7) }
        let type = try #require(declaration.eventType(code: 1000, english, asking: hook))
        let context = CompositionContext(
            recipient: 7, settings: settings, window: "w1",
            traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        return (try await type.read(events).compose(in: context), events)
    }

    private func title(_ composed: WindowComposition) -> String? {
        if case .notification(let content) = composed.composition { content.listTitle } else { nil }
    }

    @Test("It is called once for a window, with the events' unchanged data, in the language of the texts")
    func question() async throws {
        let hook = ScriptedHook { _ in #"{"variables":{"title":"Чай","stock":"12"},"more":1}"# }
        let payloads = [#"{"n":1, "more":{"a":[1.50]}}"#, #"{"n":"9007199254740993"}"#]
        let (composed, _) = try await compose(
            payloads, declaration(), hook, settings: RecipientDescription(locale: "pt-BR"))
        #expect(title(composed) == "pt 2 Чай 12" && composed.exceptions.isEmpty)
        let question = try #require(hook.questions.first)
        #expect(hook.questions.count == 1 && question.window == "w1" && question.type == "sample")
        #expect(question.traceParent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        #expect(
            question.body
                == #"{"type":"sample","recipient_id":7,"locale":"pt","events":[\#(payloads[0]),\#(payloads[1])]}"#)
    }

    @Test("Events that it does not keep are suppressed; the texts use those that are kept")
    func keeping() async throws {
        let hook = ScriptedHook { call in
            [
                #"{"variables":{"title":"a","stock":1},"keep":[2,0,0]}"#, #"{"keep":[1]}"#, #"{"keep":[0,1,2]}"#,
                #"{"keep":[]}"#,
            ][call - 1]
        }
        let payloads = (0..<3).map { #"{"n":\#($0)}"# }
        let (some, events) = try await compose(payloads, declaration(), hook)
        #expect(title(some) == "en 2 a 1")
        #expect(some.exceptions == [EventException(event: events[1].id, status: .suppressed, reason: "not_kept")])
        let (one, others) = try await compose(payloads, declaration(), hook)
        #expect(title(one) == "en 1  " && one.exceptions.map(\.event) == [others[0].id, others[2].id])
        #expect(try await compose(payloads, declaration(), hook).0.exceptions.isEmpty)
        let (none, _) = try await compose(payloads, declaration(), hook)
        #expect(none == WindowComposition(.suppressed(reason: "not_kept")))
    }

    @Test("For a large window the latest 1,000 events are sent, and the others are kept")
    func large() async throws {
        let hook = ScriptedHook { call in call == 1 ? #"{"keep":[0,999]}"# : #"{"keep":[1000]}"# }
        let payloads = (0..<1003).map { #"{"n":\#($0)}"# }
        let (composed, events) = try await compose(payloads, declaration(), hook)
        #expect(title(composed) == "en 5  ")
        #expect(composed.exceptions.map(\.event) == events[4..<1002].map(\.id))
        let body = try #require(hook.questions.first?.body)
        #expect(body.contains(#""events":[{"n":3},"#) && body.hasSuffix(#"{"n":1002}]}"#))
        await #expect(throws: SheafError.self) { try await compose(payloads, declaration(), hook) }
    }

    @Test("Control characters of an answer are dropped, U+0000 too")
    func controls() async throws {
        let hook = ScriptedHook { _ in
            #"{"variables":{"stock":1,"title":"a\u0000b\u001bc\u0000","note":"\u0000"},"note":"\u0000"}"#
        }
        let (composed, _) = try await compose([#"{"n":1}"#], declaration(), hook)
        #expect(title(composed) == "en 1 abc 1")
    }

    @Test("It can suppress the events, for a reason of its own")
    func suppressing() async throws {
        let hook = ScriptedHook { _ in #"{"suppress":"sold_out","variables":null,"keep":null}"# }
        let (composed, _) = try await compose([#"{"n":1}"#], declaration(), hook)
        #expect(composed == WindowComposition(.suppressed(reason: "sold_out")))
    }

    @Test(
        "An invalid response gives an error that names the problem and quotes nothing",
        arguments: [
            ("", "it is no JSON object"), ("secret", "it is no JSON object"), ("[]", "it is no JSON object"),
            ("{}", "it has none of variables, keep and suppress"),
            (#"{"variables":{"stock":1,"title":"\ud800"}}"#, "it cannot be taken: a lone surrogate in a string"),
            (#"{"keep":[0],"keep":[1]}"#, "it cannot be taken: a name occurs twice in one object"),
            (#"{"variables":null}"#, "it has none of variables, keep and suppress"),
            (#"{"variables":"secret"}"#, "variables is no JSON object"),
            (#"{"variables":{}}"#, "variables.stock is missing"),
            (#"{"variables":{"stock":1}}"#, "variables.title is missing"),
            (#"{"variables":{"stock":1,"title":null}}"#, "variables.title is null, expected a string"),
            (#"{"variables":{"stock":1,"title":7}}"#, "variables.title has the wrong type, expected a string"),
            (
                #"{"variables":{"stock":"secret","title":"a"}}"#,
                "variables.stock has the wrong type, expected a whole number of 64 bits"
            ),
            (
                #"{"variables":{"stock":1.5,"title":"a"}}"#,
                "variables.stock does not fit, expected a whole number of 64 bits"
            ),
            (#"{"keep":[2]}"#, "keep has an index that no event has; 2 events were sent, the first is 0"),
            (#"{"keep":[-1]}"#, "keep has an index that no event has; 2 events were sent, the first is 0"),
            (#"{"keep":{}}"#, "keep is not a list of whole numbers"),
            (#"{"keep":["secret"]}"#, "keep is not a list of whole numbers"),
            (#"{"keep":[0.5]}"#, "keep is not a list of whole numbers"),
            (#"{"suppress":7}"#, "suppress has the wrong type, expected a string"),
            (#"{"suppress":""}"#, "suppress is not a reason; write 1 to 40 lower-case letters and underscores"),
            (#"{"suppress":"Secret!"}"#, "suppress is not a reason; write 1 to 40 lower-case letters and underscores"),
            (
                #"{"suppress":"\#(String(repeating: "a", count: 41))"}"#,
                "suppress is not a reason; write 1 to 40 lower-case letters and underscores"
            ),
        ])
    func malformed(answer: String, complaint: String) async throws {
        let hook = ScriptedHook { _ in answer }
        let error = await #expect(throws: SheafError.self) {
            try await compose([#"{"n":1}"#, #"{"n":2}"#], declaration(), hook)
        }
        #expect(error == SheafError(.upstream, complaint))
        #expect(error?.failureKind == .transient)
    }

    @Test("Every kind of variable is read as files declare it")
    func kinds() async throws {
        let type = try declared(
            """
            data: {n: integer}
            enrich: {url: "https://a", returns: {i: id, k: integer, x: number, s: string, b: boolean, t: time}}
            texts: {en: {list_title: "{i} {k} {x} {s} {b} {t, date, short}"}}
            """)
        let hook = ScriptedHook { call in
            let time = call == 1 ? "2026-01-05T12:00:00Z" : "yesterday"
            return #"{"variables":{"i":12345,"k":12345,"x":1.5,"s":"a\nb","b":true,"t":"\#(time)"}}"#
        }
        let (composed, _) = try await compose([#"{"n":1}"#], type, hook)
        #expect(title(composed) == "12345 12,345 1.5 a b true 1/5/26")
        let error = await #expect(throws: SheafError.self) { try await compose([#"{"n":1}"#], type, hook) }
        #expect(error == SheafError(.upstream, "variables.t is not time, as enrich.returns has it"))
    }

    @Test("While a needed service fails the window waits; without an optional one it is composed")
    func failing() async throws {
        let failure = SheafError(.upstream, "the service answered 503", retryAfter: .seconds(3600))
        let hook = ScriptedHook { _ in throw failure }
        let error = await #expect(throws: SheafError.self) { try await compose([#"{"n":1}"#], declaration(), hook) }
        // No service holds a window for ever.
        #expect(error == SheafError(.upstream, "the service answered 503", retryAfter: .seconds(60)))
        let (composed, _) = try await compose([#"{"n":1}"#], declaration(", needed: false"), hook)
        #expect(title(composed) == "en 1  " && composed.exceptions.isEmpty)
    }

    @Test("A cancelled composition does not count as a failed service")
    func cancelled() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        struct Endless: EnrichServices {
            let begin: AsyncStream<Void>.Continuation
            func answer(to question: EnrichQuestion) async throws -> EnrichAnswer {
                begin.yield()
                try await Task.sleep(for: .seconds(3600))
                return EnrichAnswer()
            }
        }
        let declaration = try declaration(", needed: false")
        let type = try #require(declaration.eventType(code: 1000, english, asking: Endless(begin: begin)))
        let event = declaration.event(#"{"n":1}"#)
        let task = Task { try await type.compose([event]) }
        for await _ in begun { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A missing secret is a mistake at its member")
    func secrets() throws {
        let set = try set([
            "one.yaml": """
            data: {n: integer}
            enrich:
              url: https://shop.example
              secret_env: SHOP_SECRET
            texts: {en: {list_title: a}}
            """,
            "two.yaml": "data: {n: integer}\nenrich: {url: 'https://shop.example'}\ntexts: {en: {list_title: a}}\n",
        ])
        #expect(set.secretFindings { _ in nil }.isEmpty)
        #expect(
            set.secretFindings { $0 == "SHOP_SECRET" ? "is not set" : nil }.map(\.description) == [
                "one.yaml:4:15: enrich.secret_env: the environment variable SHOP_SECRET, with which requests "
                    + "of one are signed, is not set"
            ])
        // A set that was stored has files, and no lines in them.
        let stored = try TypeSet(canonicalText: set.canonicalText, builtIn: [])
        #expect(
            stored.secretFindings { _ in "is not set" }.map(\.description) == [
                "one.yaml: enrich.secret_env: the environment variable SHOP_SECRET, with which requests of one are "
                    + "signed, is not set"
            ])
    }

    @Test("A recipient's zone and language override the configuration's, and unknown ones are ignored")
    func readers() async throws {
        let type = try declared(
            """
            data: {at: time}
            texts:
              en: {list_title: "en {last_at, time, short}"}
              pt: {list_title: "pt {last_at, time, short}"}
              ru: {list_title: "ru {last_at, time, short}"}
            """)
        let defaults = TextContext(defaults: RecipientDescription(locale: "ru", timeZone: "Europe/Moscow"))
        let declared = try #require(type.eventType(code: 1000, defaults))
        #expect(declared.usesSettings)
        func texts(_ settings: RecipientDescription) async throws -> [String?] {
            let event = type.event(#"{"at":"2026-01-05T12:00:00Z"}"#)
            guard case .notification(let content) = try await declared.compose([event], settings: settings) else {
                return []
            }
            return [content.listTitle, content.locale]
        }
        #expect(try await texts(RecipientDescription()) == ["ru 15:00", "ru"])
        #expect(try await texts(RecipientDescription(locale: "pt-BR")) == ["pt 15:00", "pt"])
        #expect(try await texts(RecipientDescription(locale: "pt-BR", timeZone: "Asia/Tokyo")) == ["pt 21:00", "pt"])
        #expect(try await texts(RecipientDescription(locale: "fr", timeZone: "No/Where")) == ["ru 15:00", "ru"])
        #expect(try await texts(RecipientDescription(locale: "xx")) == ["ru 15:00", "ru"])
    }
}
