import SheafCore
import Testing

@Suite("Values inside texts")
struct ValueTextTests {
    @Test(
        "Readable text is unchanged", arguments: ["", "Чайник «Уют», 1.5 л", "👩‍🍳 кухня", "e\u{301}", "  a  b "])
    func plain(text: String) {
        #expect(text.asValue().utf8.elementsEqual(text.utf8))
    }

    @Test(
        "Control characters are dropped, and line breaks and tabs become spaces",
        arguments: [
            ("a\u{0}b\u{7}\u{1B}[31m\u{7F}\u{80}\u{9F}c", "ab[31mc"), ("a\nb\r\nc\rd", "a b c d"), ("a\n\nb", "a  b"),
            ("a\u{85}b\u{2028}c\u{2029}d\u{B}e\u{C}f\tg", "a b c d e f g"), ("\u{1C}\u{1D}\u{1E}\u{1F}", ""),
        ])
    func controls(text: String, value: String) {
        #expect(text.asValue() == value)
    }

    @Test("Directional marks are dropped, so nothing outside a value is reordered")
    func marks() {
        let marks = [0x061C, 0x200E, 0x200F] + Array(0x202A...0x202E) + Array(0x2066...0x2069)
        for mark in marks.compactMap({ Unicode.Scalar(UInt32($0)) }) {
            #expect("a\(mark)b".asValue() == "ab")
            #expect("\(mark)".asValue().isEmpty)
        }
    }

    @Test(
        "Right-to-left text is isolated, even if it held marks that end isolation",
        arguments: [
            ("שלום", "\u{2068}שלום\u{2069}"), ("Плед سجادة", "\u{2068}Плед سجادة\u{2069}"),
            ("ש\u{2069}\u{202E}\u{2029}", "\u{2068}ש \u{2069}"), ("\u{1E900}", "\u{2068}\u{1E900}\u{2069}"),
        ])
    func isolated(text: String, value: String) {
        #expect(text.asValue().unicodeScalars.elementsEqual(value.unicodeScalars))
    }

    @Test("Two hundred code points are kept, and characters are not divided")
    func limit() {
        #expect(String(repeating: "я", count: 200).asValue().count == 200)
        #expect(String(repeating: "я", count: 201).asValue() == String(repeating: "я", count: 200))
        #expect(String(repeating: "e\u{301}", count: 101).asValue().count == 100)
        #expect((String(repeating: "a", count: 199) + "e\u{301}").asValue() == String(repeating: "a", count: 199))
        #expect("abcdefg".asValue(limit: 6, ending: "…") == "abcde…")
        #expect("abcdef".asValue(limit: 6, ending: "…") == "abcdef")
        // Dropped characters do not count; one character can be longer than any limit.
        #expect((String(repeating: "\u{7}", count: 300) + "a").asValue() == "a")
        #expect(("a" + String(repeating: "\u{301}", count: 1000)).asValue().unicodeScalars.count == 200)
        #expect(String(repeating: "ש", count: 300).asValue().unicodeScalars.count == 202)
    }
}
