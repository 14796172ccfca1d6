import MessageFormat
import Testing

@Suite struct MessageErrorsTests {
    @Test(arguments: [
        ("Hi {", [3]), ("{name", [0]), ("{}", [1]), ("{a b}", [3]), ("{a-b}", [2]), ("{01}", [1]), ("{n, foo}", [4]),
        ("{n,}", [3]), ("{n, spellout}", [4]), ("{n, choice, 0#a}", [4]), ("{n, number, currency}", [12]),
        ("{n, number, ::currency/rub}", [12]), ("{n, number, #,##0}", [12]), ("{n, number, ::compact-short}", [12]),
        ("{n, date, yyyy}", [10]), ("{n, date, ::}", [10]), ("{n, time, ::x'}", [0]), ("{n, plural}", [10]),
        ("{n, plural, one {a}}", [1]), ("{n, plural, other}", [12]), ("{n, select, a {b}}", [1]),
        ("{n, select, a-b {c} other {d}}", [12]), ("{n, select, =1 {c} other {d}}", [12]),
        ("{n, plural, {a} other {b}}", [12]), ("{n, plural, = {a} other {b}}", [12]),
        ("{n, plural, offset:x other {b}}", [12]), ("{n, plural, other {b} offset:1}", [22]),
        ("{n, plural, other {{m}", [0, 18]), ("{n, plural, other {'{}}", [19]),
        ("😀é {", [3]),
    ])
    func `a mistake has its offset in scalars`(_ text: String, _ offsets: [Int]) throws {
        let error = #expect(throws: MessageErrors.self, "\(text)") {
            try Message(text, language: language("en"))
        }
        #expect(error?.errors.map(\.offset) == offsets, "\(text): \(error?.description ?? "")")
        for mistake in error?.errors ?? [] { #expect(mistake.text.last == "." && mistake.text.count > 20) }
    }

    @Test func `all mistakes are reported`() throws {
        let text = "{a-} {b, foo} {c, plural, one {{d, number, currency}} x y {} other {}} {e, select, a {#}} 'a' }"
        let found = try mistakes(text)
        #expect(found.count == 8, "\(found.joined(separator: "\n"))")
    }

    @Test func `messages suggest a correction`() throws {
        #expect(
            try mistakes("{n, number, currency}") == [
                "12: The style currency does not say which one; write ::currency/RUB with the currency's code."
            ])
        #expect(
            try mistakes("{n, plural, one {a}}") == [
                "1: The plural on n has no branch other; add other {…} for all that no branch is for."
            ])
        #expect(
            try mistakes("{n, plural, one {a}}", "ru").map { $0.prefix { $0 != ";" } } == [
                "1: The plural on n has no branch other", "1: The plural on n has no branch few, which ru has for 2",
                "1: The plural on n has no branch many, which ru has for 0",
            ])
        #expect(
            try mistakes("Hi {name") == ["3: The { is not closed; each { needs its }."])
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{n, plural, other {", count: depth) + String(repeating: "}}", count: depth)
        }
        #expect(try mistakes(nested(Message.maximumDepth)).isEmpty)
        #expect(try mistakes(nested(Message.maximumDepth + 1)).count == 1)
        #expect(try mistakes(String(repeating: "{n, plural, other {", count: 1_000)).isEmpty == false)
        #expect(try mistakes(String(repeating: "{", count: Message.maximumLength)).isEmpty == false)
    }

    @Test func `length is bounded`() throws {
        #expect(try mistakes(String(repeating: "x", count: Message.maximumLength)).isEmpty)
        #expect(try mistakes(String(repeating: "x", count: Message.maximumLength + 1)).count == 1)
    }

    @Test func `mistakes show no control characters and only a part of the text`() throws {
        let found = try mistakes("{n, select, " + String(repeating: "-\u{7}", count: 500) + " {a} other {b}}")
        #expect(found.allSatisfy { $0.count < 200 && !$0.contains("\u{7}") })
    }

    @Test func `arguments have their use, position and branches`() throws {
        let message = try Message(
            "é {a} {c, plural, =0 {{d, date}} other {{s, select, x {{n, number}} other {}}}}", language: language("en"))
        #expect(message.arguments.map(\.name) == ["a", "c", "d", "s", "n"])
        #expect(message.arguments.map(\.use) == [.plain, .plural, .date, .select, .number])
        #expect(message.arguments.map(\.offset) == [3, 7, 23, 41, 56])
        #expect(message.arguments[2].branches == [MessageBranch(argument: "c", use: .plural, selector: "=0")])
        #expect(
            message.arguments[4].branches == [
                MessageBranch(argument: "c", use: .plural, selector: "other"),
                MessageBranch(argument: "s", use: .select, selector: "x"),
            ])
    }
}
