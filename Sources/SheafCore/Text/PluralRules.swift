/// The plural categories of CLDR that Sheaf's languages use.
public enum PluralCategory: String, Hashable, Sendable, CaseIterable {
    case one, few, many, other
}

/// The languages of the built-in texts.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case russian = "ru"
    case english = "en"

    /// The category of a whole number, by CLDR's plural rules for cardinals
    /// (https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
    public func pluralCategory(of number: Int) -> PluralCategory {
        let number = number.magnitude
        switch self {
        case .english:
            return number == 1 ? .one : .other
        case .russian:
            let (lastTwo, last) = (number % 100, number % 10)
            if last == 1, lastTwo != 11 { return .one }
            if (2...4).contains(last), !(12...14).contains(lastTwo) { return .few }
            return .many
        }
    }
}

/// A phrase in the forms its language needs.
public struct PluralForms: Hashable, Sendable {
    private let one: String
    private let few: String
    private let many: String

    /// Russian forms: 1 товар, 2 товара, 5 товаров.
    public init(one: String, few: String, many: String) {
        self.one = one
        self.few = few
        self.many = many
    }

    /// English forms: 1 item, 2 items.
    public init(one: String, other: String) { self.init(one: one, few: other, many: other) }

    /// The form for `number` in `language`.
    public func form(for number: Int, in language: Language) -> String {
        switch language.pluralCategory(of: number) {
        case .one: one
        case .few: few
        case .many, .other: many
        }
    }
}
