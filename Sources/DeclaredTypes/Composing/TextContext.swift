public import Foundation
public import MessageFormat
public import SheafCore

/// The reader's languages and time zone.
public struct TextContext: Sendable {
    /// The languages that the reader accepts, best first; their parents are accepted too.
    public let languages: [LanguageTag]
    public let timeZone: TimeZone

    public init(languages: [LanguageTag], timeZone: TimeZone = .gmt) {
        self.languages = languages
        self.timeZone = timeZone
    }
}

extension TextContext {
    /// The configured defaults for recipients without settings.
    public init(defaults: RecipientDescription) {
        self = TextContext(languages: []).reading(defaults)
    }

    /// This context with a recipient's settings; a missing or unknown setting leaves the default.
    func reading(_ settings: RecipientDescription) -> TextContext {
        guard !settings.isEmpty else { return self }
        return TextContext(
            languages: [settings.locale.flatMap { LanguageTag($0) }].compactMap(\.self) + languages,
            // The name was checked when it was set; checking it for each window would take longer than composing.
            timeZone: settings.timeZone.flatMap { TimeZone(identifier: $0) } ?? timeZone)
    }
}

extension TypeDeclaration {
    /// The index of the texts for a reader: the first accepted language with texts, for itself or for its nearest CLDR
    /// parent; else the first language by tag. `nil` if the type has no texts.
    func texts(for languages: [LanguageTag]) -> Int? {
        for language in languages {
            for candidate in [language] + language.parents {
                if let index = texts.firstIndex(where: { $0.language == candidate }) { return index }
            }
        }
        return texts.isEmpty ? nil : 0
    }
}
