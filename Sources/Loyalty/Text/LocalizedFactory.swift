import MessageFormat
import SheafCore

/// Says of what a factory words in which language it is.
struct LocalizedFactory<Factory: NotificationFactory>: NotificationFactory {
    private let factory: Factory
    private let language: Language

    init(_ factory: Factory, in language: Language) {
        self.factory = factory
        self.language = language
    }

    func compose(_ payloads: [Factory.Payload], for recipient: RecipientID) async throws -> Composition {
        let composition = try await factory.compose(payloads, for: recipient)
        guard case .notification(var content) = composition else { return composition }
        content.locale = language.rawValue
        return .notification(content)
    }
}

extension Language {
    /// The language that a reader of this one reads: itself, or the nearest of its parents by CLDR. `nil` if there are no
    /// texts in any.
    init?(readBy tag: String) {
        guard let tag = LanguageTag(tag),
            let language = ([tag] + tag.parents).lazy.compactMap({ Language(rawValue: $0.text) }).first
        else { return nil }
        self = language
    }
}
