/// How far the store's schema is.
public enum SchemaState: Hashable, Sendable {
    /// Nothing was made yet.
    case missing
    /// Made by an older version of the program.
    case outdated
    case current

    /// - Parameters:
    ///   - version: the database's version; 0 if nothing was made yet.
    ///   - baseline: the version of a database with the first step of the schema.
    ///   - steps: how many steps this program knows.
    /// - Throws: ``SheafError`` `storage` if a newer program, or one before the first release, made it.
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
        default: throw SheafError(.storage, field: "store.url", "the database was made by a newer version of Sheaf")
        }
    }
}
