import GRDB
import Synchronization

/// The committed numbers under which sources are stored.
final class SourceNames: Sendable {
    /// A program has a handful of sources; a flood of invented ones must not grow the memory.
    private static let limit = 1000

    private struct Known {
        /// Swift treats texts with the same normal form as equal, so each entry holds the exact name of its number.
        var numbers: [String: (name: String, number: Int64)] = [:]
        var names: [Int64: String] = [:]
    }

    private let known = Mutex(Known())

    /// The number under which `name` is stored, in a transaction on the writer. A new number is shared with others by
    /// calling ``remember(_:)`` after the commit.
    func number(of name: String, in transaction: SQLiteTransaction) throws -> Int64 {
        if let found = known.withLock({ $0.numbers[name] }), found.name.utf8.elementsEqual(name.utf8) {
            return found.number
        }
        let database = transaction.database
        try database.run("INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING", name)
        let number = try database.first("SELECT id FROM sources WHERE name = ?", name) { $0.integer(0) } ?? 0
        transaction.effects.sources.append((name, number))
        return number
    }

    /// The name stored as `number`. A committed name stays valid, since nothing removes it; the writer may see more.
    func name(of number: Int64, in database: Database) throws -> String {
        if let name = known.withLock({ $0.names[number] }) { return name }
        let name = try database.first("SELECT name FROM sources WHERE id = ?", number) { $0.text(0) } ?? ""
        if database.configuration.readonly { remember([(name, number)]) }
        return name
    }

    func remember(_ sources: [(name: String, number: Int64)]) {
        guard !sources.isEmpty else { return }
        known.withLock { known in
            for (name, number) in sources {
                if known.numbers.count >= Self.limit { known = Known() }
                known.numbers[name] = (name, number)
                known.names[number] = name
            }
        }
    }
}
