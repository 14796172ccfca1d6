/// The CLDR plural rules of a language.
public struct PluralRules: Sendable {
    private let compiled: CompiledPluralRules

    /// The rules of `language`: its own, or those of the nearest parent tag that has some. A language without rules has
    /// only the category `other`.
    public init(_ language: LanguageTag, _ kind: PluralKind) {
        let all = kind == .cardinal ? CompiledPluralRules.cardinals : CompiledPluralRules.ordinals
        let tags = [language] + language.parents + [language.base]
        compiled = tags.lazy.compactMap { all[$0.text] }.first ?? .none
    }

    /// The category of a number.
    public func category(of operands: PluralOperands) -> PluralCategory { compiled.category(of: operands) }

    /// The categories of the language, including `other`.
    public var categories: [PluralCategory] {
        let ruled = compiled.rules.map(\.category)
        return PluralCategory.allCases.filter { $0 == .other || ruled.contains($0) }
    }

    /// The categories that whole numbers below 1,000,000 reach.
    public var integerCategories: [PluralCategory] { compiled.integerCategories }
}

/// A compiled set of rules.
final class CompiledPluralRules: Sendable {
    static let cardinals = table(PluralRuleTable.cardinals)
    static let ordinals = table(PluralRuleTable.ordinals)
    static let none = CompiledPluralRules(rules: [], integerCategories: [.other])

    let rules: [PluralRule]
    let integerCategories: [PluralCategory]

    init(rules: [PluralRule], integerCategories: [PluralCategory]) {
        self.rules = rules
        self.integerCategories = integerCategories
    }

    func category(of operands: PluralOperands) -> PluralCategory {
        for rule in rules where rule.matches(operands) { return rule.category }
        return .other
    }

    /// Reads the lines of `PluralRuleTable`: languages | categories of whole numbers | rules.
    private static func table(_ text: String) -> [String: CompiledPluralRules] {
        var table: [String: CompiledPluralRules] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "|").map { $0.split(separator: " ") }
            guard parts.count == 3 else { continue }
            let compiled = CompiledPluralRules(
                rules: parts[2].split(separator: ";", inWords: true).compactMap(PluralRule.init),
                integerCategories: parts[1].compactMap { PluralCategory(rawValue: String($0)) })
            for language in parts[0] { table[String(language)] = compiled }
        }
        return table
    }
}

/// The condition of one category: alternatives of relations, all of which must hold.
struct PluralRule: Sendable {
    let category: PluralCategory
    private let alternatives: [[PluralRelation]]

    /// Reads the words of a rule: `few:`, `n`, `%`, `10`, `=`, `2..4`, `and` …
    fileprivate init?(_ words: [Substring]) {
        guard let name = words.first?.dropLast(), let category = PluralCategory(rawValue: String(name)) else {
            return nil
        }
        self.category = category
        alternatives = words.dropFirst().split(separator: "or").map { alternative in
            alternative.split(separator: "and").compactMap { PluralRelation(Array($0)) }
        }
    }

    func matches(_ operands: PluralOperands) -> Bool {
        alternatives.contains { $0.allSatisfy { $0.matches(operands) } }
    }
}

/// A relation such as `n % 100 != 11..14`.
private struct PluralRelation: Sendable {
    private enum Operand: Substring {
        case number = "n"
        case whole = "i"
        case fractionDigits = "v"
        case trimmedFractionDigits = "w"
        case fraction = "f"
        case trimmedFraction = "t"
        case exponent = "e"
        case compactExponent = "c"
    }

    private let operand: Operand
    private let modulus: UInt64
    private let isNegated: Bool
    private let ranges: [ClosedRange<UInt64>]

    init?(_ words: [Substring]) {
        guard let first = words.first, let operand = Operand(rawValue: first), words.count == 3 || words.count == 5,
            let list = words.last
        else { return nil }
        self.operand = operand
        modulus = words.count == 5 ? UInt64(words[2]) ?? 0 : 0
        isNegated = words[words.count - 2] == "!="
        ranges = list.split(separator: ",").compactMap { range in
            let bounds = range.split(separator: ".").compactMap { UInt64($0) }
            guard let lower = bounds.first, let upper = bounds.last, lower <= upper else { return nil }
            return lower...upper
        }
    }

    func matches(_ operands: PluralOperands) -> Bool {
        var value: UInt64
        switch operand {
        case .number:
            // Ranges hold whole numbers only, so 1.5 is in none.
            if operands.trimmedFraction != 0 { return isNegated }
            value = operands.whole
        case .whole: value = operands.whole
        case .fractionDigits: value = UInt64(operands.fractionDigits)
        case .trimmedFractionDigits: value = UInt64(operands.trimmedFractionDigits)
        case .fraction: value = operands.fraction
        case .trimmedFraction: value = operands.trimmedFraction
        case .exponent, .compactExponent: value = 0
        }
        if modulus != 0 { value %= modulus }
        for range in ranges where range.contains(value) { return !isNegated }
        return isNegated
    }
}

extension [Substring] {
    /// Splits after the words that end with `separator`, and removes it.
    fileprivate func split(separator: Character, inWords: Bool) -> [[Substring]] {
        var parts: [[Substring]] = [[]]
        for word in self {
            if word.last == separator {
                parts[parts.count - 1].append(word.dropLast())
                parts.append([])
            } else {
                parts[parts.count - 1].append(word)
            }
        }
        return parts
    }
}
