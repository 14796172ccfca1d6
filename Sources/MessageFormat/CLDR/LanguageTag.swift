/// A language that CLDR knows, as a language tag: `ru`, `pt-BR`, `zh-Hant-HK`.
public struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
    /// The tag in its usual form: `pt-BR`, not `PT_br`; `he`, not the old `iw`.
    public let text: String

    /// Nil if CLDR does not know the language, script, region or variant. Case does not matter, and underscores may
    /// replace hyphens.
    public init?(_ text: String) {
        guard text.utf8.count <= 35, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let parts = text.lowercased().split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }.map(
            String.init)
        guard let given = parts.first, let language = KnownLocales.language(given) else { return nil }
        var canonical = language
        // An alias may include a script or a region; the tag's own take precedence.
        var isFirst = true
        var stage = 0
        for part in parts.dropFirst() {
            guard let (place, subtag) = KnownLocales.subtag(part), place > stage || (place == 3 && stage == 3) else {
                return nil
            }
            if isFirst { canonical = canonical.cut(before: place) }
            (isFirst, stage) = (false, place)
            canonical += "-" + subtag
        }
        self.text = canonical
    }

    private init(known text: String) { self.text = text }

    /// The parent locales, nearest first, without the root: those of `pt-AO` are `pt-PT` and `pt`. `zh-Hant` has none,
    /// since its readers may not be able to read the script of `zh`.
    public var parents: [LanguageTag] {
        var parents: [LanguageTag] = []
        var tag = text
        while let parent = KnownLocales.parent(of: tag), parents.count < 8 {
            parents.append(LanguageTag(known: parent))
            tag = parent
        }
        return parents
    }

    public var description: String { text }

    /// The language without script and region: `pt` for `pt-BR`.
    var base: LanguageTag { LanguageTag(known: String(text.prefix { $0 != "-" })) }
}

/// CLDR's lists of locales, read once.
private enum KnownLocales {
    private static let languages = words(LocaleTable.languages)
    private static let scripts = words(LocaleTable.scripts)
    private static let regions = words(LocaleTable.regions)
    private static let variants = words(LocaleTable.variants)
    private static let parents = pairs(LocaleTable.parents)
    private static let usualScripts = pairs(LocaleTable.usualScripts)
    private static let regionScripts = pairs(LocaleTable.regionScripts)
    private static let aliases = pairs(LocaleTable.aliases)

    /// The tag for a language code.
    static func language(_ code: String) -> String? { languages.contains(code) ? code : aliases[code] }

    /// The place of a part of a tag (1 script, 2 region, 3 variant), and its usual form.
    static func subtag(_ part: String) -> (place: Int, subtag: String)? {
        let script = part.prefix(1).uppercased() + part.dropFirst()
        if scripts.contains(script) { return (1, script) }
        if regions.contains(part.uppercased()) { return (2, part.uppercased()) }
        return variants.contains(part) ? (3, part) : nil
    }

    static func parent(of tag: String) -> String? {
        if let parent = parents[tag] { return parent }
        let parts = tag.split(separator: "-")
        guard parts.count > 1 else { return nil }
        // A region may imply a script: zh-TW comes from zh-Hant-TW, not from zh.
        if let script = regionScripts["\(parts[0])-\(parts[1])"] { return "\(parts[0])-\(script)-\(parts[1])" }
        // Readers of an unusual script of a language may not be able to read its usual script.
        if parts.count == 2, scripts.contains(String(parts[1])), usualScripts[String(parts[0])] != String(parts[1]) {
            return nil
        }
        return parts.dropLast().joined(separator: "-")
    }

    private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    private static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for word in text.split(separator: " ") {
            let sides = word.split(separator: ":", omittingEmptySubsequences: false)
            if sides.count == 2 { pairs[String(sides[0])] = String(sides[1]) }
        }
        return pairs
    }
}

extension String {
    /// The tag without the parts that belong at `place` (1 script, 2 region, 3 variant) or later.
    fileprivate func cut(before place: Int) -> String {
        split(separator: "-").enumerated()
            .filter { $0.offset == 0 || (KnownLocales.subtag($0.element.lowercased())?.place ?? 3) < place }
            .map { String($0.element) }.joined(separator: "-")
    }
}
