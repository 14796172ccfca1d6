import MessageFormat
import Testing

/// Compares the plural rules of all languages with Babel's, in a table that `scripts/generate-plural-rules.py`
/// generates.
@Suite struct PluralRulesTests {
    @Test(arguments: [PluralKind.cardinal, .ordinal])
    func `categories are those of CLDR in all languages`(_ kind: PluralKind) throws {
        var count = 0
        for line in try PluralLine.all() where line.kind == kind {
            for (place, tag) in line.tags.enumerated() {
                let rules = PluralRules(try language(tag), kind)
                count += 1
                #expect(digest(rules, PluralLine.numbers.prefix(200)) == line.shortDigest, "\(tag)")
                #expect(String(rules.integerCategories.map(letter)) == line.integers, "\(tag)")
                // The languages of a line share their rules, so only one of them is checked completely.
                if place == 0 { #expect(digest(rules, PluralLine.numbers[...]) == line.digest, "\(tag)") }
            }
        }
        #expect(count > 1_000)
    }

    @Test(arguments: [
        ("ru", [PluralCategory.one, .few, .many, .other]), ("en", [.one, .other]), ("ja", [.other]),
        ("ar", PluralCategory.allCases), ("pt-PT", [.one, .many, .other]), ("sr-Latn", [.one, .few, .other]),
    ])
    func `a language has its categories, even in another script or region`(
        _ tag: String, _ categories: [PluralCategory]
    ) throws {
        #expect(PluralRules(try language(tag), .cardinal).categories == categories)
    }

    @Test func `European and Brazilian Portuguese have their own rules`() throws {
        let zero = PluralOperands(0)
        #expect(PluralRules(try language("pt-BR"), .cardinal).category(of: zero) == .one)
        #expect(PluralRules(try language("pt-AO"), .cardinal).category(of: zero) == .other)
    }

    @Test func `operands are the digits that are printed`() {
        #expect(PluralOperands(-21) == PluralOperands(whole: 21, fractionDigits: 0, fraction: 0))
        #expect(PluralOperands(Int64.min).whole == 1 << 63)
        #expect(PluralOperands(1.5) == PluralOperands(whole: 1, fractionDigits: 1, fraction: 5))
        #expect(PluralOperands(1.0) == PluralOperands(1))
        #expect(PluralOperands(1.0004) == PluralOperands(1))
        #expect(PluralOperands(0.9996) == PluralOperands(1))
        #expect(PluralOperands(1.05) == PluralOperands(whole: 1, fractionDigits: 2, fraction: 5))
        #expect(PluralOperands(2.6, maximumFractionDigits: 0) == PluralOperands(3))
        #expect(PluralOperands(.infinity) == PluralOperands(0))
        #expect(PluralOperands(1e300).fractionDigits == 0)
    }

    private func digest(_ rules: PluralRules, _ numbers: ArraySlice<PluralOperands>) -> UInt64 {
        // The Fowler–Noll–Vo hash, 1a, of 64 bits.
        numbers.reduce(0xcbf2_9ce4_8422_2325) { digest, number in
            (digest ^ UInt64(letter(rules.category(of: number)).asciiValue ?? 0)) &* 0x100_0000_01b3
        }
    }

    private func letter(_ category: PluralCategory) -> Character {
        switch category {
        case .zero: "z"
        case .one: "o"
        case .two: "t"
        case .few: "f"
        case .many: "m"
        case .other: "x"
        }
    }
}

/// Languages with the same rules.
private struct PluralLine {
    let kind: PluralKind
    let integers: String
    let shortDigest: UInt64?
    let digest: UInt64?
    let tags: [String]

    static func all() throws -> [PluralLine] {
        try table("plural-categories").filter { $0.first != "#" }.map { words in
            try #require(words.count > 4)
            return PluralLine(
                kind: words[0] == "cardinals" ? .cardinal : .ordinal, integers: String(words[1]),
                shortDigest: UInt64(words[2], radix: 16), digest: UInt64(words[3], radix: 16),
                tags: words[4...].map(String.init))
        }
    }

    /// The numbers that the script also checks.
    static let numbers: [PluralOperands] = {
        let whole = Array(0..<1250) + Array(stride(from: 2000, to: 1_200_001, by: 1000)) + Array(999_900..<1_000_101)
        let tenths = (0..<120).flatMap { whole in
            [0, 1, 2, 5, 9].map { PluralOperands(whole: whole, fractionDigits: 1, fraction: $0) }
        }
        let hundredths = (0..<13).flatMap { whole in
            (0..<100).map { PluralOperands(whole: whole, fractionDigits: 2, fraction: $0) }
        }
        return whole.map { PluralOperands(Int64($0)) } + tenths + hundredths
    }()
}
