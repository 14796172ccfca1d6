internal import Configuration
internal import SheafCore

/// The settings in environment variables: `store.url` is `SHEAF_STORE_URL`.
struct EnvironmentSource: SettingsSource {
    private static let prefix = "SHEAF_"
    /// Prefixes of variables for the build and the tests, which are not settings.
    private static let others = ["SHEAF_TEST_", "SHEAF_STRICT"]

    private let variables: Set<String>
    /// Variables whose value is not UTF-8: their invalid bytes were read as U+FFFD.
    private let repaired: [String]
    private let snapshot: any ConfigSnapshot

    init(_ environment: [String: String]) {
        let settings = environment.filter { name, _ in
            name.hasPrefix(Self.prefix) && !Self.others.contains(where: name.hasPrefix)
        }
        variables = Set(settings.keys)
        repaired = settings.filter { $0.value.unicodeScalars.contains("\u{FFFD}") }.keys.sorted()
        snapshot = EnvironmentVariablesProvider(environmentVariables: settings, secretsSpecifier: .all).snapshot()
    }

    func value(of key: String) -> RawValue? {
        // Every variable has a text.
        guard case .string(let text)? = try? lookup(key)?.value?.content else { return nil }
        return .text(text)
    }

    func place(of key: String) -> ConfigurationProblem.Place { .environment(variable: variable(of: key), key: key) }

    func keys(under section: String) -> [String] {
        let prefix = variable(of: section) + "_"
        return variables.filter { $0.hasPrefix(prefix) && $0 != prefix }.sorted().map { name in
            section + "." + name.dropFirst(prefix.count).lowercased().replacing("_", with: ".")
        }
    }

    func unknown(besides known: KnownKeys) -> [ConfigurationProblem] {
        if variables.isEmpty { return [] }
        let names = known.keys.map(variable(of:))
        let unknown = variables.subtracting(names).sorted().map { name in
            let nearest = name.nearest(among: names).map { "; did you mean \($0)?" } ?? ""
            return ConfigurationProblem(
                place: .environment(variable: name), message: "is no setting of Sheaf" + nearest)
        }
        let unreadable = repaired.map { name in
            ConfigurationProblem(place: .environment(variable: name), message: "is not UTF-8 text")
        }
        return unknown + unreadable
    }

    /// The name as the provider spells it.
    private func variable(of key: String) -> String { (try? lookup(key)?.encodedKey) ?? key }

    private func lookup(_ key: String) throws -> LookupResult? {
        try snapshot.value(forKey: AbsoluteConfigKey(ConfigKey("sheaf.\(key)")), type: .string)
    }
}
