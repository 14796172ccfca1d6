/// Reads settings key by key from the first source that has each, and collects mistakes.
struct SettingsReader {
    /// The first one wins.
    private let sources: [any SettingsSource]
    private(set) var known: KnownKeys
    private var refused: Set<String> = []
    private(set) var problems: [ConfigurationProblem] = []

    init(sources: [any SettingsSource], types: [String]) {
        self.sources = sources
        known = KnownKeys(types: types)
    }

    /// The names of the event types that can be configured.
    var types: [String] { known.types }

    /// Adds the type names in keys of the sources, even if there is no such type.
    mutating func takeTypes() {
        let keys = sources.flatMap { $0.keys(under: "types") }.map { key in
            // In environment variables dots and underscores are the same.
            key.dropFirst("types.".count).replacing(".", with: "_")
        }
        let names = keys.flatMap { key in
            TypeSettings.members.compactMap { key.hasSuffix("_" + $0) ? String(key.dropLast($0.count + 1)) : nil }
        }
        known.types = Set(known.types + names.filter { !$0.isEmpty }).sorted()
    }

    /// The value of `key`. It is `fallback` if no source has the key, or the value is refused.
    mutating func read<Value>(_ key: String, as parser: ValueParser<Value>, default fallback: Value) -> Value {
        read(key, as: parser) ?? fallback
    }

    /// The value of `key`; `nil` if no source has it, or the value is refused.
    mutating func read<Value>(_ key: String, as parser: ValueParser<Value>) -> Value? {
        known.insert(key)
        guard let (source, raw) = find(key) else { return nil }
        do { return try parser.parse(raw) } catch { refuse(key, at: source.place(of: key), error.message) }
        return nil
    }

    /// The values of all keys under `section`, by the rest of each key.
    mutating func readAll(under section: String) -> [String: Secret] {
        var values: [String: Secret] = [:]
        for key in sources.flatMap({ $0.keys(under: section) }) where !known.contains(key) {
            known.insert(key)
            guard let (_, raw) = find(key) else { continue }
            values[String(key.dropFirst(section.count + 1))] = Secret(raw.joined)
        }
        return values
    }

    /// Refuses a combination of keys that are valid on their own; the error names the first one that is set.
    mutating func refuse(_ keys: [String], _ message: String) {
        guard refused.isDisjoint(with: keys) else { return }
        for key in keys {
            guard let (source, _) = find(key) else { continue }
            return refuse(key, at: source.place(of: key), message)
        }
    }

    /// Refuses keys that are no settings.
    mutating func refuseUnknown() {
        for source in sources { problems += source.unknown(besides: known) }
    }

    private mutating func refuse(_ key: String, at place: ConfigurationProblem.Place, _ message: String) {
        refused.insert(key)
        problems.append(ConfigurationProblem(place: place, message: message))
    }

    private func find(_ key: String) -> (source: any SettingsSource, raw: RawValue)? {
        for source in sources {
            if let raw = source.value(of: key) { return (source, raw) }
        }
        return nil
    }
}

extension RawValue {
    fileprivate var joined: String {
        switch self {
        case .text(let text): text
        case .list(let entries): entries.joined(separator: ",")
        }
    }
}
