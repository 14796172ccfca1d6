extension MessagePlural {
    /// Warnings about categories of whole numbers below 1,000,000 that have no branch.
    ///
    /// A plural with only the branch `other` is intended, so it gets none.
    func uncoveredCategories(in language: LanguageTag) -> [String] {
        guard !categories.isEmpty else { return [] }
        return rules.integerCategories.compactMap { category in
            guard category != .other, self[category] == nil, let example = firstNumber(of: category) else { return nil }
            let name = kind == .ordinal ? "selectordinal" : "plural"
            return "The \(name) on \(argument) has no branch \(category.rawValue), which \(language.text) has for "
                + "\(example); add \(category.rawValue) {…}."
        }
    }

    /// The first number in the category that has no branch of its own.
    private func firstNumber(of category: PluralCategory) -> Int64? {
        guard let offset = Int64(exactly: offset) else { return nil }
        return Self.numbers.first { number in
            rules.category(of: PluralOperands(number - offset)) == category
                && !exact.contains { $0.value == Double(number) }
        }
    }

    /// Whole numbers below 1,000,000, one of each kind that CLDR's rules can distinguish: rules test numbers below
    /// 1,000, the last three digits, and thousands.
    private static let numbers: [Int64] = Array(0..<2_000) + Array(stride(from: 2_000, to: 1_000_000, by: 1_000))
}
