/// One source of settings.
protocol SettingsSource: Sendable {
    /// The value of `key`; `nil` if there is none.
    func value(of key: String) -> RawValue?
    func place(of key: String) -> ConfigurationProblem.Place
    /// The keys under `section`, whose names users choose.
    func keys(under section: String) -> [String]
    /// The unknown keys of this source.
    func unknown(besides known: KnownKeys) -> [ConfigurationProblem]
}
