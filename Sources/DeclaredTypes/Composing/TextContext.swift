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

/// Looks up for whom the texts of a recipient's window are made. If it throws, the window waits.
public typealias TextReaderLookup = @Sendable (RecipientID) async throws -> TextContext

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
