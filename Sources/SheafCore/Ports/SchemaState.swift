/// How far the store's schema is.
public enum SchemaState: Hashable, Sendable {
    /// Nothing was made yet.
    case missing
    /// Made by an older version of the program.
    case outdated
    case current

    /// - Parameters:
    ///   - applied: the steps of the schema that were applied.
    ///   - known: the steps that this program knows.
    /// - Throws: ``SheafError`` `storage` where more were applied than are known.
    public init(applied: Int, known: Int) throws(SheafError) {
        switch applied {
        case known: self = .current
        case 0: self = .missing
        case ..<known: self = .outdated
        default: throw SheafError(.storage, field: "store.url", "the database was made by a newer version of Sheaf")
        }
    }
}
