/// One source of settings.
protocol SettingsSource: Sendable {
    /// The value of `key`; `nil` if there is none.
    func value(of key: String) -> RawValue?
    func place(of key: String) -> ConfigurationProblem.Place
    /// The keys under `section`, in which names can be chosen freely.
    func keys(under section: String) -> [String]
    /// What is set here and is no known key.
    func unknown(besides known: KnownKeys) -> [ConfigurationProblem]
}
