import MessageFormat
import Testing

@Suite struct MessageTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a\u{0}b\u{7}c\u{7F}d\u{9B}e", "abcde"), ("a\tb", "ab"), ("a\nb", "a b"),
        ("a\r\nb", "a b"), ("a\rb\u{85}c\u{2028}d\u{2029}e\u{B}f\u{C}g", "a b c d e f g"), ("a\n\nb", "a  b"),
        ("a\u{202E}b\u{200F}c\u{2068}d\u{2069}e\u{61C}f", "abcdef"), ("Кофе", "Кофе"), ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("שלום", "\u{2068}שלום\u{2069}"), ("a سلام b", "\u{2068}a سلام b\u{2069}"),
        ("\u{202E}שלום\u{2069}", "\u{2068}שלום\u{2069}"),
        ("٣", "٣"), ("{n, plural}", "{n, plural}"),
    ])
    func `values become plain text of one line`(_ given: String, _ clean: String) {
        #expect(Array(MessageText.clean(given).unicodeScalars) == Array(clean.unicodeScalars))
    }

    @Test func `200 characters are kept`() {
        #expect(MessageText.clean(String(repeating: "x", count: 200)).count == 200)
        #expect(MessageText.clean(String(repeating: "x", count: 201)) == String(repeating: "x", count: 200))
        #expect(MessageText.clean(String(repeating: "👨‍👩‍👧", count: 300)) == String(repeating: "👨‍👩‍👧", count: 200))
        #expect(MessageText.clean("a" + String(repeating: "\u{301}", count: 100_000)).unicodeScalars.count <= 4_000)
        let hebrew = MessageText.clean(String(repeating: "ש", count: 300))
        #expect(hebrew == "\u{2068}" + String(repeating: "ש", count: 200) + "\u{2069}")
    }
}
