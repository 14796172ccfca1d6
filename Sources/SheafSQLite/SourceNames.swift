import GRDB
import Synchronization

/// The numbers by which sources are stored, as far as they are committed.
final class SourceNames: Sendable {
    /// A program has a handful of sources; a flood of made-up ones must not grow the memory.
    private static let limit = 1000

    private struct Known {
        /// Texts are equal that differ in their normal form, so each stands with the one it is the number of.
        var numbers: [String: (name: String, number: Int64)] = [:]
        var names: [Int64: String] = [:]
    }

    private let known = Mutex(Known())

    /// The number that `name` is stored by, in a transaction on the writer. A new one is known to others once
    /// ``remember(_:)`` is told, after the commit.
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

    /// The name stored as `number`. What is committed stays true, since nothing removes it; the writer may see more.
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
