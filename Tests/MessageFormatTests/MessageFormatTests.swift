import Foundation
import MessageFormat
import Testing

/// Behaviour that ICU leaves open, or that differs in Sheaf.
@Suite struct MessageFormatTests {
    @Test func `absent values print nothing`() throws {
        let text = "a{x}b{x, number}c{x, date}d{x, plural, other {#!}}e{x, select, y {Y} other {O}}f"
        #expect(try printed(text) == "abcdeOf")
    }

    @Test func `selects take words and whole numbers`() throws {
        let text = "{x, select, true {T} 5 {five} other {O}}"
        #expect(try printed(text, ["x": .text("true")]) == "T")
        #expect(try printed(text, ["x": .integer(5)]) == "five")
        #expect(try printed(text, ["x": .number(5.5)]) == "O")
    }

    @Test func `a value of another kind prints unchanged`() throws {
        #expect(try printed("{x, number}|{x, date}|{x, plural, other {#!}}", ["x": .text("a")]) == "a|a|a!")
        #expect(try printed("{x, date}", ["x": .integer(5)]) == "5")
        #expect(try printed("{x, plural, one {#} other {#!}}", ["x": .text("1")]) == "1")
    }

    @Test func `lists follow the patterns of the language`() throws {
        let three = ["x": MessageValue.list(["a", "b", "c"])]
        #expect(try printed("{x}", "en", three) == "a, b, and c")
        #expect(try printed("{x}", "ru", three) == "a, b и c")
        #expect(try printed("{x}", "de", three) == "a, b und c")
        #expect(try printed("{x}", "ja", three) == "a、b、c")
        #expect(try printed("{x}", "ru", ["x": .list(["a", "b"])]) == "a и b")
        #expect(try printed("{x}", "ru", ["x": .list(["a"])]) == "a")
        #expect(try printed("{x}.", "ru", ["x": .list([])]) == ".")
    }

    @Test func `times are in the reader's zone`() throws {
        let newYear = ["t": MessageValue.time(Date(timeIntervalSince1970: 1_767_222_000))]
        let (moscow, tokyo) = (
            try #require(TimeZone(identifier: "Europe/Moscow")), try #require(TimeZone(identifier: "Asia/Tokyo"))
        )
        #expect(try printed("{t, date, ::yMd} {t, time, ::Hm}", "ru", newYear) == "31.12.2025 23:00")
        #expect(try printed("{t, date, ::yMd} {t, time, ::Hm}", "ru", zone: moscow, newYear) == "01.01.2026 02:00")
        #expect(try printed("{t, time, short}", "ru", zone: tokyo, newYear) == "08:00")
        #expect(try printed("{t}", "ru", zone: moscow, newYear) == "01.01.2026, 02:00")
    }

    @Test func `large numbers keep all digits`() throws {
        #expect(try printed("{n}", ["n": .integer(.min)]) == "-9,223,372,036,854,775,808")
        #expect(try printed("{n, number, ::currency/USD}", ["n": .integer(.max)]) == "$9,223,372,036,854,775,807.00")
        #expect(
            try printed("{n, plural, offset:1 other {#}}", ["n": .integer(.min)]).contains("9,223,372,036,854,775,80"))
    }

    @Test func `whole numbers print as Foundation prints them in all locales`() throws {
        let numbers: [Int64] = [
            0, 7, -7, 42, 999, 1_000, -1_234, 9_999, 10_000, 123_456, 1_000_000, 12_345_678, -987_654_321, .max, .min,
        ]
        for line in try table("plural-categories") where line.first == "cardinals" {
            for tag in line.dropFirst(4) {
                let message = try Message("{n}", language: language(String(tag)))
                let style = IntegerFormatStyle<Int64>(locale: Locale(identifier: String(tag)))
                for number in numbers {
                    let printed = message.format(timeZone: .gmt) { _ in .integer(number) }
                    #expect(printed == style.format(number), "\(tag)")
                }
            }
        }
    }

    @Test func `messages can be used by many tasks at once`() async throws {
        let message = try Message(
            "{n, plural, one {#} other {#s}} {t, date} {x, number, percent}", language: language("en"))
        let expected = message.format(timeZone: .gmt) { Self.values[$0] }
        let texts = await withTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { message.format(timeZone: .gmt) { Self.values[$0] } } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(texts == [expected])
    }

    private static let values: [String: MessageValue] = [
        "n": .integer(1_234), "t": .time(Date(timeIntervalSince1970: 0)), "x": .number(0.5),
    ]
}
