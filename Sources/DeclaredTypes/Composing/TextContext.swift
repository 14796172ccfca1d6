public import Foundation
public import MessageFormat
public import SheafCore

/// For whom texts are made.
public struct TextContext: Sendable {
    /// The languages the reader takes, best first; their parents count, too.
    public let languages: [LanguageTag]
    public let timeZone: TimeZone

    public init(languages: [LanguageTag], timeZone: TimeZone = .gmt) {
        self.languages = languages
        self.timeZone = timeZone
    }
}

extension TextContext {
    /// What the configuration says of recipients who said nothing else.
    public init(defaults: RecipientDescription) {
        self = TextContext(languages: []).reading(defaults)
    }

    /// The same for somebody who said this; of what is left open, or not known, the rest stays.
    func reading(_ settings: RecipientDescription) -> TextContext {
        guard !settings.isEmpty else { return self }
        return TextContext(
            languages: [settings.locale.flatMap { LanguageTag($0) }].compactMap(\.self) + languages,
            // The name was checked when it was said; to do so for each window would take longer than the texts do.
            timeZone: settings.timeZone.flatMap { TimeZone(identifier: $0) } ?? timeZone)
    }
}

extension TypeDeclaration {
    /// The texts that a reader gets: those of the first language, or the nearest of its parents by CLDR, that there are
    /// any of; else those of the first language by tag. `nil` if the type has no texts.
    func texts(for languages: [LanguageTag]) -> Int? {
        for language in languages {
            for candidate in [language] + language.parents {
                if let index = texts.firstIndex(where: { $0.language == candidate }) { return index }
            }
        }
        return texts.isEmpty ? nil : 0
    }
}
