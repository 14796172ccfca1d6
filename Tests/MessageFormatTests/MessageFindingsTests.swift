import MessageFormat
import Testing

@Suite struct MessageFindingsTests {
    @Test(arguments: [
        ("ru", "{n, plural, one {#} few {#} many {#} other {#}}"), ("ru", "{n, plural, other {#}}"),
        ("ru", "{n, plural, =0 {} =1 {} other {#}}"), ("en", "{n, plural, one {#} other {#}}"),
        ("en", "{n, plural, =1 {a} two {b} other {#}}"), ("ja", "{n, plural, one {a} other {#}}"),
        ("ar", "{n, plural, =0 {} =1 {} =2 {} few {#} many {#} other {#}}"), ("es", "{n, plural, one {#} other {#}}"),
        ("cs", "{n, plural, one {#} few {#} other {#}}"),
        ("en", "{n, selectordinal, one {#} two {#} few {#} other {#}}"),
        ("ru", "{n, selectordinal, other {#}}"), ("en", "{n, plural, offset:1 =0 {} =2 {} few {} other {#}}"),
        ("en", "Order #{n}, #5, #sale"), ("en", "{s, select, other {a}}"), ("en", "it's '{'closed'}'"), ("en", "'"),
        ("en", "{n, plural, one {'#'} other {# '{#}'}}"),
    ])
    func `good texts have no findings`(_ tag: String, _ text: String) throws {
        #expect(try mistakes(text, tag) == [])
    }

    @Test(arguments: [
        ("ru", "{n, plural, one {#} other {#}}", ["few", "many"]),
        ("ru", "{n, plural, =1 {#} few {#} other {#}}", ["one", "many"]),
        ("pl", "{n, plural, one {#} few {#} other {#}}", ["many"]),
        ("ar", "{n, plural, one {} other {}}", ["zero", "two", "few", "many"]),
        ("cy", "{n, plural, =0 {} one {} two {} other {}}", ["few", "many"]),
        ("en", "{n, plural, few {#} other {#}}", ["one"]),
        ("en", "{n, selectordinal, one {#} other {#}}", ["two", "few"]),
        ("en", "{n, plural, offset:1 =0 {} =1 {} few {} other {#}}", ["one"]),
        ("ru", "{s, select, a {{n, plural, one {#} few {#} other {#}}} other {}}", ["many"]),
    ])
    func `a category that whole numbers reach has no branch`(_ tag: String, _ text: String, _ missing: [String]) throws
    {
        let found = try mistakes(text, tag)
        #expect(found.count == missing.count, "\(found)")
        for category in missing { #expect(found.contains { $0.contains("no branch \(category),") }, "\(found)") }
    }

    @Test func `a missing branch is reported with a number that needs it`() throws {
        #expect(
            try mistakes("a {n, plural, one {#} many {#} other {#}}", "ru") == [
                "3: The plural on n has no branch few, which ru has for 2; add few {…}."
            ])
    }

    @Test(arguments: [
        ("'{a", 0), ("a '}b", 2), ("l'{n} a", 1), ("# items", 0), ("new: #", 5), ("(#)", 1),
        ("{n, plural, other {{s, select, x {#} other {}}}}", 34), ("{s, select, other {# x}}", 19), ("{n}}", 3),
        ("{n, plural, onee {a} other {b}}", 12), ("{n, plural, =1 {a} =1.0 {c} other {b}}", 19),
        ("{s, select, a {a} a {c} other {b}}", 18), ("{n, plural, other {# '#}}", -1),
    ])
    func `valid but probably unintended text is found`(_ text: String, _ offset: Int) throws {
        // Inside braces an open quote swallows them: that is an error, not a finding.
        if offset < 0 {
            #expect(throws: MessageErrors.self) { try Message(text, language: language("en")) }
        } else {
            #expect(try Message(text, language: language("en")).findings().map(\.offset) == [offset])
        }
    }
}
