import SheafCore
import Testing

@testable import Loyalty

@Suite struct WordingTests {
    @Test func `parts are enumerated in the language`() {
        #expect(Language.russian.list([]) == "")
        #expect(Language.russian.list(["a"]) == "a")
        #expect(Language.russian.list(["a", "b"]) == "a и b")
        #expect(Language.english.list(["a", "b", "c"]) == "a, b and c")
    }

    @Test func `a long enumeration ends with the number of the others`() {
        #expect(Language.russian.list(["a", "b"], limit: 2) == "a и b")
        #expect(Language.russian.list(["a", "b", "c", "d"], limit: 2) == "a, b и ещё 2")
        #expect(Language.english.list(["a", "b", "c"], limit: 1) == "a and 2 more")
    }

    @Test func `a line keeps its text and loses control characters`() {
        #expect(" Чайник\t\nстальной\u{7} ".asLine(limit: 100) == "Чайник стальной")
        #expect("👩‍🍳 повар".asLine(limit: 100) == "👩‍🍳 повар")
        #expect("abcdef".asLine(limit: 6) == "abcdef")
        #expect("abcdefg".asLine(limit: 6) == "abcde…")
        #expect("\u{0}\n ".asLine(limit: 6) == nil)
        #expect("\u{202E}\u{200F}".asLine(limit: 6) == nil)
        #expect("a \u{7} b".asLine(limit: 6) == "a b")
    }
}
