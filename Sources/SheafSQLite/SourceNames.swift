import GRDB
import Synchronization

/// The numbers by which sources are stored, remembered across transactions.
final class SourceNames: Sendable {
    /// A program has a handful of sources; a flood of made-up ones must not grow the memory.
    private static let limit = 1000

    private let known = Mutex<[String: Int64]>([:])

    func number(of name: String, in database: Database) throws -> Int64 {
        if let number = known.withLock({ $0[name] }) { return number }
        try database.run("INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING", name)
        let number = try database.first("SELECT id FROM sources WHERE name = ?", name) { $0.integer(0) } ?? 0
        known.withLock { known in
            if known.count >= Self.limit { known.removeAll() }
            known[name] = number
        }
        return number
    }

    /// Forgets what a transaction that was rolled back may have numbered.
    func forget() { known.withLock { $0.removeAll() } }
}
