import MessageFormat
import SheafCore

/// Language tags as clients write them.
enum LanguageName {
    /// The tag in its usual form.
    ///
    /// - Throws: ``SheafError`` `invalid` if CLDR knows no such language.
    static func checked(_ tag: String) throws(SheafError) -> String {
        guard let language = LanguageTag(tag) else {
            throw SheafError(.invalid, field: "locale", "is not a language known to CLDR; write a tag such as pt-BR")
        }
        return language.text
    }
}
