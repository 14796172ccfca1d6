/// The state of the store's schema.
public enum SchemaState: Hashable, Sendable {
    /// Nothing was created yet.
    case missing
    /// An older version of the program created it.
    case outdated
    case current

    /// - Parameters:
    ///   - version: the database's version; 0 if nothing was created yet.
    ///   - baseline: the version of a database with the first step of the schema.
    ///   - steps: the number of steps in this program.
    /// - Throws: ``SheafError`` `storage` if a newer version, or one before the first release, created it.
    public init(version: Int, baseline: Int, steps: Int) throws(SheafError) {
        let current = baseline + steps - 1
        switch version {
        case current: self = .current
        case 0: self = .missing
        case baseline..<current: self = .outdated
        case ..<baseline:
            throw SheafError(
                .storage, field: "store.url",
                "the database is older than the first release, and this version cannot read it; begin a new one"
            )
        default: throw SheafError(.storage, field: "store.url", "the database was created by a newer version of Sheaf")
        }
    }
}
