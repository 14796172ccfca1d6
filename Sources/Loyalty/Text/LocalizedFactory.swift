import MessageFormat
import SheafCore

/// Adds the language to what a factory composes.
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
    /// The language for a reader of this tag: its own, or that of its nearest CLDR parent with texts. `nil` if there
    /// are none.
    init?(readBy tag: String) {
        guard let tag = LanguageTag(tag),
            let language = ([tag] + tag.parents).lazy.compactMap({ Language(rawValue: $0.text) }).first
        else { return nil }
        self = language
    }
}
