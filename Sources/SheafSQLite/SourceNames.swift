import GRDB
import Synchronization

/// The numbers by which sources are stored, remembered across transactions.
final class SourceNames: Sendable {
    /// A program has a handful of sources; a flood of made-up ones must not grow the memory.
    private static let limit = 1000

    private struct Known {
        /// Texts are equal that differ in their normal form, so each stands with the one it is the number of.
        var numbers: [String: (name: String, number: Int64)] = [:]
        var names: [Int64: String] = [:]
    }

    private let known = Mutex(Known())

    func number(of name: String, in database: Database) throws -> Int64 {
        if let found = known.withLock({ $0.numbers[name] }), found.name.utf8.elementsEqual(name.utf8) {
            return found.number
        }
        try database.run("INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING", name)
        let number = try database.first("SELECT id FROM sources WHERE name = ?", name) { $0.integer(0) } ?? 0
        remember(number, name)
        return number
    }

    /// The name stored as `number`. Numbers are never used again, so what is remembered stays true.
    func name(of number: Int64, in database: Database) throws -> String {
        if let name = known.withLock({ $0.names[number] }) { return name }
        let name = try database.first("SELECT name FROM sources WHERE id = ?", number) { $0.text(0) } ?? ""
        remember(number, name)
        return name
    }

    /// Forgets what a transaction that was rolled back may have numbered.
    func forget() { known.withLock { $0 = Known() } }

    private func remember(_ number: Int64, _ name: String) {
        known.withLock { known in
            if known.numbers.count >= Self.limit { known = Known() }
            known.numbers[name] = (name, number)
            known.names[number] = name
        }
    }
}
