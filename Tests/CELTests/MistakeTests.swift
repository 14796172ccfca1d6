import Testing

@testable import CEL

/// Each mistake is reported with its position and a correction.
@Suite("Mistakes in conditions")
struct MistakeTests {
    @Test(
        "are reported with a correction",
        arguments: [
            ("data.price < 3", "1:12", "write `3.0`"),
            ("data.stars < 3.0", "1:12", "write `3`"),
            ("data.stars < 2.5", "1:12", "write a whole number"),
            ("data.stars < data.price", "1:12", "declare both fields alike"),
            ("data.price < data.stars + 1", "1:12", "do not mix"),
            ("data.at - occurred_at > 60", "1:23", #"write `duration("60s")`"#),
            ("has(author)", "1:1", "write `has(data.author)`"),
            ("data.title.size == 1", "1:1", "write `data.title.size(…)`"),
            ("recipient_id.name == 'a'", "1:1", "only `data` has fields"),
            ("data.price in [1, 2]", "1:12", "write `1.0`"),
            ("data.strs == 1", "1:1", "did you mean `data.stars`?"),
            ("stars == 1", "1:1", "write `data.stars`"),
            ("data.recipient_id == 1", "1:1", "write `recipient_id`, without `data.`"),
            ("recipient == 1", "1:1", "did you mean `recipient_id`?"),
            ("data.author == 'x'", "1:1", "write `has(data.author) && …` before it"),
            ("data.paid and true", "1:11", "write `&&`"),
            ("data.paid & true", "1:11", "write `&&`"),
            ("data.stars = 1", "1:12", "write `==`"),
            ("data.stars === 1", "1:12", "write `==`"),
            ("data.stars <> 1", "1:12", "write `!=`"),
            ("not data.paid", "1:1", "write `!(…)`"),
            ("data.kind not in ['a']", "1:11", "write `!(… in …)`"),
            ("data.author == null", "1:16", "write `!has(data.F)`"),
            ("data.kind == 'c'", "1:11", #"is never "c": its values are "a", "b""#),
            ("'c' == data.kind", "1:5", "is never"),
            ("data.kind in ['a', 'c']", "1:11", "is never"),
            ("1 + 2", "1:1", "has to be bool"),
            ("", "1:1", "the expression is empty"),
            ("size(data.title", "1:16", "has to follow in the `(` at 1:5"),
            ("data.title.matches('x')", "1:11", "`startsWith`, `endsWith` or `contains`"),
            ("data.title.startWith('x')", "1:11", "did you mean `startsWith`?"),
            ("[1].exists(x, x == 1)", "1:4", "nothing here loops"),
            ("1 < data.stars < 3", "1:16", "write `1 < data.stars && data.stars < 3`"),
            ("“a” == data.title", "1:1", "straight quotes"),
            ("data.at > '2026-01-01T00:00:00Z'", "1:9", #"write `timestamp("2026-01-01T00:00:00Z")`"#),
            ("data.at > timestamp('2026-01-01')", "1:11", "RFC 3339"),
            ("data.at + duration('1d') > data.at", "1:11", "24h for a day"),
            ("'a' in data.title", "1:5", #"write `data.title.contains("a")`"#),
            ("data.paid ? true ? true : false : false", "1:18", "into parentheses"),
            ("data.title == 'a\n'", "1:15", "close it with '"),
            ("data.title == '\\s'", "1:16", "no escape `\\s`"),
            ("data.stars == 3u", "1:15", "leave out the `u`"),
            ("data.stars == 9223372036854775808", "1:15", "larger than an int"),
            ("{} == {}", "1:1", "no maps"),
            ("data.paid\n  && data.pad", "2:6", "did you mean `data.paid`?"),
            ("data.title == 'né' && data.nope", "1:23", "declared are stars"),
        ])
    func mistake(_ text: String, _ position: String, _ advice: String) {
        let mistakes = Fixture.mistakes(text)
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix(position + ": ") == true, "\(mistakes)")
        #expect(mistakes.first?.contains(advice) == true, "\(mistakes)")
    }

    @Test("of types are all found, in the order of the text")
    func several() {
        let mistakes = Fixture.mistakes(
            "data.strs == 1 &&\n  data.price < 3 && size(data.stars) == 1 && data.author == ''")
        #expect(mistakes.count == 4)
        #expect(mistakes.map { String($0.prefix(4)) } == ["1:1:", "2:14", "2:26", "2:46"])
    }

    @Test("are at most twenty")
    func many() {
        let text = Array(repeating: "data.nope", count: 100).joined(separator: " && ")
        #expect(Fixture.mistakes(text).count == CELExpression.maximumErrors)
    }
}
