import MessageFormat
import SheafCore

/// Tags of languages as clients write them.
enum LanguageName {
    /// The tag in its usual form.
    ///
    /// - Throws: ``SheafError`` `invalid` if CLDR knows no such language.
    static func checked(_ tag: String) throws(SheafError) -> String {
        guard let language = LanguageTag(tag) else {
            throw SheafError(.invalid, field: "locale", "is no language that CLDR knows; write a tag, as pt-BR")
        }
        return language.text
    }
}
