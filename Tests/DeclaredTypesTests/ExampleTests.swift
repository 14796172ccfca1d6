import Foundation
import SheafCore
import Testing

@testable import DeclaredTypes

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Examples")
struct ExampleTests {
    private func results(_ yaml: String) async throws -> [ExampleResult] {
        try await declared(yaml).runExamples(english)
    }

    private let head = """
        data: {item_id: id, stars: integer}
        key: [item_id]
        delivery: {mode: sliding, window: 5m, max_wait: 8m, max_events: 4}
        when: data.stars <= 3
        texts: {en: {list_title: "{count, plural, one {# review} other {# reviews}}"}}
        examples:

        """

    @Test("An event may replace earlier ones")
    func retracts() async throws {
        let results = try await results(
            """
            data: {item_id: id, price: integer}
            delivery: {window: 5m}
            retracts: {type: sample, by: [item_id]}
            texts: {en: {list_title: "{count} for {list_price}"}}
            examples:
              - name: the latest counts
                events:
                  - data: {item_id: 1, price: 10}
                  - data: {item_id: 2, price: 20}
                  - after: 1m
                    data: {item_id: 1, price: 30}
                expect: {list_title: 2 for 30 and 20, at: 2026-01-05T12:05:00Z}
              - name: what was notified stays notified
                events:
                  - data: {item_id: 1, price: 10}
                  - after: 5m
                    data: {item_id: 1, price: 30}
                expect: [{list_title: 1 for 10}, {list_title: 1 for 30}]
            """)
        #expect(results.map(\.outcome) == [.passed, .passed])
    }

    @Test(
        "Examples use the real rules of windows",
        arguments: [
            (
                "[{data: {item_id: 1, stars: 1}}, {after: 4m, data: {item_id: 1, stars: 1}}]",
                "{list_title: 2 reviews, at: 2026-01-05T12:08:00Z}"
            ),
            (
                "[{data: {item_id: 1, stars: 1}}, {after: 5m, data: {item_id: 1, stars: 1}}]",
                "[{list_title: 1 review, at: 2026-01-05T12:05:00Z}, {list_title: 1 review, at: 2026-01-05T12:10:00Z}]"
            ),
            (
                "[{data: {item_id: 1, stars: 1}}, {data: {item_id: 2, stars: 1}}]",
                "[{list_title: 1 review}, {list_title: 1 review}]"
            ),
            ("[{data: {item_id: 1, stars: 1}}, {data: {item_id: 1, stars: 5}}]", "{list_title: 1 review}"),
            ("[{data: {item_id: 1, stars: 4}}, {data: {item_id: 1, stars: 5}}]", "{suppressed: not_matching}"),
            (
                "[{data: {item_id: 1, stars: 1}}, {data: {item_id: 1, stars: 1}}, {data: {item_id: 1, stars: 1}}, {after: 1s, data: {item_id: 1, stars: 1}}]",
                "{list_title: 4 reviews, at: 2026-01-05T12:00:01Z}"
            ),
        ])
    func windows(events: String, expect: String) async throws {
        let results = try await results(head + "  - {name: a, events: \(events), expect: \(expect)}")
        #expect(results.map(\.outcome) == [.passed])
    }

    @Test(
        "A failure is reported at the expectation, with the actual result",
        arguments: [
            (
                "[{data: {item_id: 1, stars: 1}}]", "{list_title: 2 reviews}",
                "7:78: examples[0].expect.list_title: expected '2 reviews', got '1 review'"
            ),
            (
                "[{data: {item_id: 1, stars: 1}}]", "{suppressed: not_matching}",
                "7:78: examples[0].expect.suppressed: expected no notification, got '1 review'"
            ),
            (
                "[{data: {item_id: 1, stars: 5}}]", "{suppressed: other}",
                "7:78: examples[0].expect.suppressed: expected 'other', got 'not_matching'"
            ),
            (
                "[{data: {item_id: 1, stars: 5}}]", "{list_title: a}",
                "7:65: examples[0].expect: expected 1 notification, got 0: suppressed, not_matching"
            ),
            (
                "[{data: {item_id: 1, stars: x}}]", "{list_title: a}",
                "7:31: examples[0].events[0]: the event would be refused: data.stars: has the wrong type"
            ),
            (
                "[{data: {item_id: 1, stars: 1}}]", "{at: 2026-01-05T12:04:00Z}",
                "7:70: examples[0].expect.at: expected 2026-01-05T12:04:00.000Z, got 2026-01-05T12:05:00.000Z"
            ),
        ])
    func failures(events: String, expect: String, expected: String) async throws {
        let results = try await results(head + "  - {name: a, events: \(events), expect: \(expect)}")
        let text = try #require(results.first?.failures.first).description
        #expect(text.hasPrefix("sample.yaml:" + expected), "\(text)")
    }

    @Test("An example can set a service's response")
    func enrich() async throws {
        let results = try await results(
            """
            data: {item_id: id}
            enrich: {url: "https://example.com", returns: {title: string}}
            texts: {en: {list_title: "{count}: {title}"}}
            examples:
              - {name: a, events: [{data: {item_id: 1}}, {data: {item_id: 2}}], enrich: {variables: {title: Cup}, keep: [1]}, expect: {list_title: "1: Cup"}}
              - {name: b, events: [{data: {item_id: 1}}], enrich: {suppress: sold_out}, expect: {suppressed: sold_out}}
              - {name: c, events: [{data: {item_id: 1}}], settings: {quiet_hours: none}, expect: {list_title: a}}
              - {name: d, events: [{data: {item_id: 1}}], settings: {locale: ru, time_zone: Europe/Moscow}, expect: {list_title: "1: "}}
            """)
        #expect(
            results.map(\.outcome) == [
                .passed, .passed, .skipped("settings of recipients take no effect yet"), .passed,
            ])
    }

    @Test("A service cannot keep events beyond those of the largest window")
    func keepBeyond() async throws {
        let results = try await results(
            """
            data: {item_id: id}
            key: [item_id]
            enrich: {url: "https://example.com"}
            texts: {en: {list_title: "{count}"}}
            examples:
              - name: a
                events: [{data: {item_id: 1}}, {data: {item_id: 2}}]
                enrich: {keep: [1]}
                expect: {list_title: "1"}
            """)
        #expect(
            results.flatMap(\.failures).map(\.description) == [
                "sample.yaml:8:13: examples[0].enrich.keep: no event has the index 1; the largest window has 1, and the "
                    + "first is 0"
            ])
    }

    @Test("What a preview needs of an example says what it was composed from")
    func forPreviews() async throws {
        let type = try declared(
            """
            data: {item_id: id}
            enrich: {url: "https://example.com", returns: {title: string, n: integer, x: number, b: boolean, t: time}}
            when: occurred_at >= timestamp("2026-01-06T00:00:00Z")
            texts: {en: {list_title: en}, ru: {list_title: "{count} {title} {n} {x} {b} {t, time, short}"}}
            examples:
              - name: a
                locale: ru
                time_zone: Asia/Tokyo
                now: 2026-01-06T00:00:00Z
                events: [{data: {item_id: 1}}, {data: {item_id: 2}}]
                enrich:
                  keep: [1]
                  variables: {title: "a \\"b\\" ж", n: 1234, x: 0.5, b: true, t: "2026-01-06T01:02:03Z"}
                expect: {list_title: "1 a \\"b\\" ж 1\u{A0}234 0,5 true 10:02"}
            """)
        #expect(await type.runExamples(english).flatMap(\.failures).map(\.description) == [])
        let example = try #require(type.examples.first)
        let reader = TextContext(
            languages: [try #require(example.language)], timeZone: try #require(example.timeZone))
        func preview(at now: Timestamp) async throws -> WindowPreview {
            try await type.windowPreview(
                of: example.payloads, for: EventHead(recipient: 42, occurredAt: now), reader, enrich: example.answerJSON
            )
        }
        guard case .notification(let content) = try await preview(at: example.now).composition else {
            Issue.record("there is no notification")
            return
        }
        #expect(content.listTitle == "1 a \"b\" ж 1\u{A0}234 0,5 true 10:02")
        #expect(
            try await preview(at: TypeExample.usualNow).composition == .suppressed(reason: "not_matching"))
    }

    @Test("Names and texts of examples are one line each, without what moves a cursor")
    func controls() async throws {
        let results = try await results(
            head
                + #"  - {name: "a\e[31mb\nc", events: [{data: {item_id: 1, stars: 1}}], expect: {list_title: "\e[0m\t"}}"#
        )
        let text = ExampleReport.text(results, as: .text)
        #expect(text.contains(#"FAIL  sample: a\u{1b}[31mb\nc"#))
        #expect(text.contains(#"expected '\u{1b}[0m\t', got '1 review'"#))
        for format in ExampleReport.Format.allCases {
            #expect(!ExampleReport.text(results, as: format).unicodeScalars.contains("\u{1B}"))
        }
    }

    @Test("Results are written for people, for JUnit and for GitHub")
    func reports() async throws {
        let results = try await results(
            head + """
                  - {name: "a <&> \\"b\\"", events: [{data: {item_id: 1, stars: 1}}], expect: {list_title: "50% \\n off"}}
                  - {name: fine, events: [{data: {item_id: 1, stars: 1}}], expect: {list_title: 1 review}}
                """)
        #expect(!ExampleReport.isPassed(results) && ExampleReport.isPassed([]))
        let text = ExampleReport.text(results, as: .text)
        #expect(text.contains("FAIL  sample: a <&>") && text.contains("ok    sample: fine"))
        #expect(text.hasSuffix("2 examples: 1 passed, 1 failed"))
        let junit = ExampleReport.text(results, as: .junit)
        #expect(junit.contains(#"<testsuite name="sample" tests="2" failures="1" errors="0" skipped="0">"#))
        #expect(junit.contains(#"name="a &lt;&amp;&gt; &quot;b&quot;" classname="sample" file="sample.yaml" line="7""#))
        #expect(XMLParser(data: Data(junit.utf8)).parse())
        let github = ExampleReport.text(results, as: .github)
        #expect(github.hasPrefix("::error file=sample.yaml,line=7,col="))
        #expect(github.contains("title=sample%3A a <&> \"b\"::examples[0].expect.list_title: expected '50%25 \\n off'"))
        #expect(ExampleReport.text([], as: .text) == "0 examples: 0 passed, 0 failed")
    }

    @Test("The template is valid and its example passes")
    func template() async throws {
        let results = try await results(TypeTemplate.text(name: "sample"))
        #expect(results.map(\.outcome) == [.passed])
        #expect(
            TypeTemplate.isName("a_1") && !TypeTemplate.isName("A") && !TypeTemplate.isName("_a")
                && !TypeTemplate.isName(""))
    }

    @Test("The example types pass their examples")
    func copied() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../examples/types")
        let set = try TypeSet(TypeFolder(path: folder.standardized.path), builtIn: builtIn)
        #expect(set.types.count == 5)
        for type in set.types {
            #expect(!type.examples.isEmpty)
            for result in await type.runExamples(english) {
                #expect(result.outcome == .passed, "\(result.failures.map(\.description).joined(separator: "\n"))")
            }
        }
    }
}
