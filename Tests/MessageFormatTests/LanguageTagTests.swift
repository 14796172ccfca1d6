import MessageFormat
import Testing

@Suite struct LanguageTagTests {
    @Test(arguments: [
        ("ru", "ru"), ("RU", "ru"), ("pt_br", "pt-BR"), ("zh-hant-hk", "zh-Hant-HK"), ("ES-419", "es-419"),
        ("iw", "he"), ("sh-BA", "sr-Latn-BA"), ("sh-Cyrl", "sr-Cyrl"), ("prs", "fa-AF"), ("rus", "ru"),
        ("ru-DE", "ru-DE"),
        ("ca-ES-valencia", "ca-ES-valencia"), ("en-001", "en-001"), ("no", "no"), ("nb-NO", "nb-NO"),
    ])
    func `a tag is known, in any case, and has one form`(_ given: String, _ text: String) {
        #expect(LanguageTag(given)?.text == text)
        #expect(LanguageTag(text)?.text == text)
    }

    @Test(arguments: [
        "", "-", "ru-", "-ru", "ru--RU", "tlh", "xx", "en-XX", "en-ZZ", "en-Abcd", "russian", "ru RU", "ру", "ru-RU-RU",
        "ru-RU-Cyrl", "en-u-ca-gregory", "root", "und", "c", "ru\u{0}", "12", "ru-latn-latn",
    ])
    func `tags that CLDR does not know are refused`(_ given: String) {
        #expect(LanguageTag(given) == nil)
    }

    @Test(arguments: [
        ("pt-AO", "pt-PT pt"), ("pt-BR", "pt"), ("pt", ""), ("zh-Hant-HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant-HK zh-Hant"),
        ("zh-TW", "zh-Hant-TW zh-Hant"), ("zh-CN", "zh"), ("zh-Hans-SG", "zh-Hans zh"), ("es-MX", "es-419 es"),
        ("sr-Latn", ""), ("sr-Latn-RS", "sr-Latn"), ("sr-ME", "sr-Latn-ME sr-Latn"), ("sr-RS", "sr"),
        ("en-GB", "en-001 en"),
        ("en-DE", "en-150 en-001 en"), ("hi-Latn", "en-IN en-001 en"), ("nb", "no"), ("nn-NO", "nn no"),
        ("ru-UA", "ru"),
        ("ru-Latn", ""), ("ru-Cyrl-RU", "ru-Cyrl ru"), ("uz-AF", "uz-Arab-AF uz-Arab"),
    ])
    func `parents are those of CLDR`(_ tag: String, _ parents: String) throws {
        #expect(try language(tag).parents.map(\.text).joined(separator: " ") == parents)
    }

    @Test func `all locales of CLDR are known`() throws {
        var count = 0
        for line in try table("plural-categories") where line.first == "cardinals" {
            for tag in line.dropFirst(4) {
                #expect(LanguageTag(String(tag))?.text == String(tag))
                count += 1
            }
        }
        #expect(count > 1_000)
    }
}
