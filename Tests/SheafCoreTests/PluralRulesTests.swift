import Foundation
import SheafCore
import Testing

/// Compares Sheaf's plural rules with CLDR's, in a table that `scripts/generate-plural-table.py` generates.
@Suite struct PluralRulesTests {
    @Test(arguments: Language.allCases)
    func `categories of the first thousand numbers are those of CLDR`(_ language: Language) throws {
        let table = try PluralTable(of: language)
        #expect(table.categories.count == 1000)
        for (number, expected) in table.categories.enumerated() {
            #expect(letter(language.pluralCategory(of: number)) == expected, "\(number)")
        }
    }

    @Test(arguments: Language.allCases)
    func `categories up to a million are those of CLDR`(_ language: Language) throws {
        var digest = FNV1a()
        for number in 0...1_000_000 { digest.add(letter(language.pluralCategory(of: number))) }
        #expect(digest.value == (try PluralTable(of: language)).digest)
    }

    @Test(arguments: Language.allCases)
    func `a negative number has the category of its magnitude`(_ language: Language) {
        for number in 0...200 {
            #expect(language.pluralCategory(of: -number) == language.pluralCategory(of: number))
        }
        #expect(language.pluralCategory(of: .min) == (language == .russian ? .many : .other))
    }

    @Test func `a form is chosen by the category`() {
        let goods = PluralForms(one: "товар", few: "товара", many: "товаров")
        #expect(
            [1, 2, 5, 11, 21].map { goods.form(for: $0, in: .russian) }
                == ["товар", "товара", "товаров", "товаров", "товар"])
        let items = PluralForms(one: "item", other: "items")
        #expect([0, 1, 2, 21].map { items.form(for: $0, in: .english) } == ["items", "item", "items", "items"])
    }

    private func letter(_ category: PluralCategory) -> UInt8 {
        switch category {
        case .one: UInt8(ascii: "o")
        case .few: UInt8(ascii: "f")
        case .many: UInt8(ascii: "m")
        case .other: UInt8(ascii: "x")
        }
    }
}

/// One language's line of the table.
private struct PluralTable {
    let categories: [UInt8]
    let digest: UInt64

    init(of language: Language) throws {
        let url = try #require(Bundle.module.url(forResource: "plural-categories", withExtension: "txt"))
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { $0.split(separator: " ") }
        let line = try #require(lines.first { $0.count == 3 && $0[0] == language.rawValue })
        categories = Array(line[1].utf8)
        digest = try #require(UInt64(line[2], radix: 16))
    }
}

/// The Fowler–Noll–Vo hash, 1a, of 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
private struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
