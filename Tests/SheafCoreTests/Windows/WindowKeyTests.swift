import SheafCore
import Testing

@Suite("Window keys")
struct WindowKeyTests {
    @Test(
        "Their text",
        arguments: [
            (WindowKey(type: 1, recipient: 42, part: "7"), "1:42:7"),
            (WindowKey(type: 1, recipient: 42, part: nil), "1:42"),
            (WindowKey(type: 1, recipient: 42, part: ""), "1:42:"),
            (WindowKey(type: 1, recipient: -42, part: ":"), "1:-42::"),
            (WindowKey(type: 1, recipient: 42, part: "a:b%3A:"), "1:42:a:b%3A:"),
        ])
    func text(key: WindowKey, expected: String) {
        #expect(key.description == expected)
        #expect(WindowKey(expected) == key)
    }

    @Test(
        "Texts that name no key",
        arguments: ["", "1", ":", "::", "1:", "1:x", "x:1", "1: 2", "1:2.0", "1:9223372036854775808", "1;2", ":1:2"])
    func invalid(text: String) { #expect(WindowKey(text) == nil) }

    @Test(
        "Different keys have different texts, and each text is read back as its key", arguments: [1, 2, 3] as [UInt64])
    func unambiguous(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        // Few values, so that parts nearly collide, including an accent that combines with a colon before it.
        let atoms = ["", ":", "%", "%3A", "1", "42", "1:42", "-", " ", "\u{301}", "ы", "\n", "\r\n", "🛒", "nil"]
        var keys: [String: WindowKey] = [:]
        for _ in 0..<3000 {
            let part =
                generator.one(in: 5)
                ? nil
                : (0..<Int.random(in: 0...4, using: &generator)).map { _ in atoms.randomElement(using: &generator) ?? ""
                }
                .joined()
            let key = WindowKey(
                type: Int.random(in: 0...2, using: &generator),
                recipient: [0, 1, 42, -1, .max, .min].randomElement(using: &generator) ?? 0, part: part)
            let text = key.description
            #expect(WindowKey(text) == key, "\(text.debugDescription)")
            if let other = keys.updateValue(key, forKey: text) { #expect(other == key, "\(text.debugDescription)") }
        }
    }

    @Test("An empty part differs from none")
    func emptyPart() {
        let empty = WindowKey(type: 1, recipient: 2, part: "")
        let none = WindowKey(type: 1, recipient: 2, part: nil)
        #expect(empty != none)
        #expect(empty.description != none.description)
    }
}
