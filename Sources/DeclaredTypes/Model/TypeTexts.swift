public import MessageFormat

/// The texts of a type in one language.
public struct TypeTexts: Sendable {
    /// A text of a notification, or of a line in it.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case listTitle = "list_title"
        case listDescription = "list_description"
        case fullTitle = "full_title"
        case fullText = "full_text"
        case url
        case line
    }

    public let language: LanguageTag
    let messages: [Part: TextMessage]

    /// The text as written in the file; `nil` if there is none.
    public func source(of part: Part) -> String? { messages[part]?.source.text }
}

/// A parsed text with its position in the file.
struct TextMessage: Sendable {
    let source: SourceText
    let message: Message
}
