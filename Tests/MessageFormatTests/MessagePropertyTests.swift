import Foundation
import MessageFormat
import Testing

/// Random input with fixed seeds.
@Suite struct MessagePropertyTests {
    private static let pieces = [
        "{", "}", "'", "''", "#", ",", " ", "n", "{n}", "{n, plural, ", "one {", "other {", "}}", "=1 {", "offset:1 ",
        "{s, select, ", "a {", "number", "date", "::currency/RUB", "::yMd", "é", "😀", "\u{0}", "\n", "1", "|", "few",
        "selectordinal",
    ]

    @Test(arguments: 0..<8)
    func `no text crashes the parser`(_ seed: Int) throws {
        var random = Seeded(UInt64(seed))
        let language = try language(["en", "ru", "ar", "ja"][seed % 4])
        for _ in 0..<1_500 {
            let count = Int.random(in: 0...24, using: &random)
            let text = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &random) }.joined()
            let scalars = text.unicodeScalars.count
            do throws(MessageErrors) {
                let message = try Message(text, language: language)
                _ = message.format(timeZone: .gmt) { $0 == "n" ? .integer(3) : nil }
                #expect(message.findings().allSatisfy { (0...scalars).contains($0.offset) }, "\(text)")
            } catch {
                #expect(!error.errors.isEmpty && error.all.allSatisfy { (0...scalars).contains($0.offset) }, "\(text)")
            }
        }
    }

    @Test(arguments: 0..<4)
    func `any text prints itself if it is quoted`(_ seed: Int) throws {
        var random = Seeded(UInt64(100 + seed))
        let english = try language("en")
        for _ in 0..<1_000 {
            let count = Int.random(in: 0...20, using: &random)
            let text = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &random) }.joined()
            let alone = try Message(quoted(text, inPlural: false), language: english)
            #expect(alone.format(timeZone: .gmt) { _ in nil } == text)
            let branch = try Message("{n, plural, other {\(quoted(text, inPlural: true))}}", language: english)
            #expect(branch.format(timeZone: .gmt) { _ in .integer(1) } == text)
        }
    }

    /// `text` with its special characters in quotes.
    private func quoted(_ text: String, inPlural: Bool) -> String {
        var (quoted, isOpen) = ("", false)
        for scalar in text.unicodeScalars {
            // An apostrophe is doubled, both in a quote and outside.
            let isSpecial = scalar == "{" || scalar == "}" || (inPlural && scalar == "#") || (isOpen && scalar == "'")
            if isSpecial != isOpen { quoted += "'" }
            isOpen = isSpecial
            quoted += scalar == "'" ? "''" : String(scalar)
        }
        return isOpen ? quoted + "'" : quoted
    }
}
