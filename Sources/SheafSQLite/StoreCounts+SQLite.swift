import GRDB
import SheafCore

extension StoreCounts {
    /// The counts as they stand.
    init(in database: Database) throws {
        let counts = try database.first("SELECT events, windows, unassigned, pending, dead_letters FROM counters") {
            StoreCounts(
                events: Int($0.integer(0)), windows: Int($0.integer(1)), unassigned: Int($0.integer(2)),
                pending: Int($0.integer(3)), deadLetters: Int($0.integer(4)))
        }
        self = counts ?? .zero
    }

    /// Changes the counts by these.
    func add(in database: Database) throws {
        guard self != .zero else { return }
        try database.run(
            """
            UPDATE counters SET events = events + ?, windows = windows + ?, unassigned = unassigned + ?,
                pending = pending + ?, dead_letters = dead_letters + ?
            """, events, windows, unassigned, pending, deadLetters)
    }
}
