import Testing

@testable import CEL

/// An optional field is read only if it is known to be present.
@Suite("Guards of optional fields")
struct PresenceTests {
    @Test(
        "let the field be read, and the condition has a value for any event",
        arguments: [
            "has(data.author) && data.author == 'Ann'",
            "has(data.author) && true && data.author == 'Ann'",
            "has(data.author) && (data.paid || data.author == 'Ann')",
            "(has(data.author) && data.paid) && data.author == 'Ann'",
            "data.paid && (has(data.author) && data.author == 'Ann')",
            "!has(data.author) || data.author == 'Ann'",
            "!(has(data.author) && data.paid) || true",
            "!(!has(data.author)) && data.author == 'Ann'",
            "!(!has(data.author) || data.author == 'Ann')",
            "!(!has(data.author) || !data.paid) && data.author == 'Ann'",
            "has(data.author) ? data.author == 'Ann' : true",
            "!has(data.author) ? true : data.author == 'Ann'",
            "(has(data.author) ? data.author : 'nobody') == 'Ann'",
            "has(data.author) && (has(data.count) && data.count > 1 || data.author == 'Ann')",
            "has(data.author) && has(data.count) && size(data.author) == data.count",
            "!has(data.author) || !has(data.count) || size(data.author) == data.count",
            "(has(data.author) || false) && data.author == 'Ann'",
            "(has(data.author) ? data.paid : false) && data.author == 'Ann'",
            "(has(data.author) && data.paid || has(data.author) && data.stars == 1) && data.author == 'Ann'",
            "has(data.author) && data.author in ['Ann', data.author + 'x']",
            "has(data.stars) && data.stars == 3",
            "!has(data.stars) || data.stars == 3",
            "has(data.author) || data.paid",
            "!has(data.stars) && data.author == 'Ann'",
            "true || data.author == 'Ann'",
        ])
    func guarded(_ text: String) throws {
        #expect(Fixture.mistakes(text) == [])
        _ = try Fixture.evaluate(text)
        _ = try Fixture.evaluate(text, complete: false)
    }

    @Test(
        "must come first and check the same field",
        arguments: [
            "data.author == 'Ann'",
            "data.author == 'Ann' && has(data.author)",
            "has(data.author) || data.author == 'Ann'",
            "!has(data.author) && data.author == 'Ann'",
            "has(data.count) && data.author == 'Ann'",
            "has(data.author) ? true : data.author == 'Ann'",
            "(has(data.author) || data.paid) && data.author == 'Ann'",
            "!(has(data.author) && data.paid) && data.author == 'Ann'",
            "(has(data.author) && data.paid) || data.author == 'Ann'",
            "(has(data.author) && data.paid) && true || data.author == 'Ann'",
            "(has(data.author) ? true : data.paid) && data.author == 'Ann'",
            "has(data.author) == true && data.author == 'Ann'",
            "(data.paid && has(data.author)) || data.author == 'Ann'",
        ])
    func unguarded(_ text: String) {
        let mistakes = Fixture.mistakes(text)
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("`data.author` may be absent; write `has(data.author) && …`") == true)
    }

    /// After an error before the guard the rest is still evaluated; then the absent field is an error too.
    @Test("that fail do not allow absent fields to be read")
    func failingGuard() throws {
        let text = "(1 / (data.stars - 3) == 1 ? has(data.author) : false) && data.author == 'Ann'"
        #expect(throws: CELRuntimeError.self) { try Fixture.evaluate(text, complete: false) }
        #expect(try Fixture.evaluate("(\(text)) || data.paid", complete: false))
    }
}
