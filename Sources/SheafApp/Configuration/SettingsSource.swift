/// One place where settings stand.
protocol SettingsSource: Sendable {
    /// What stands for `key`; `nil` if nothing does.
    func value(of key: String) -> RawValue?
    func place(of key: String) -> ConfigurationProblem.Place
    /// The keys that stand here under `section`, which has a free choice of names.
    func keys(under section: String) -> [String]
    /// What stands here and is none of the keys known.
    func unknown(besides known: KnownKeys) -> [ConfigurationProblem]
}
