import GRDB
import SheafCore
import Synchronization

/// Claims producer ids, each once for ever.
///
/// They are stored in a sorted tree. Growing ids are inserted directly, each next to the one before. Random ids would
/// each change another page, so they are first appended to a log, and later moved to the tree in sorted order, a part
/// with each transaction.
///
/// A claim excludes other writers, so an id that is in neither the log nor the tree is new. The positions of ids in the
/// log are known in memory, by hash. The rows are authoritative: other processes may append to the log and move ids
/// from it at any time.
final class ProducerIDs: Sendable {
    /// How many ids the log holds before they are moved.
    private let generation: Int
    private let state: Mutex<State>

    init(generation: Int = 131_072) {
        self.generation = generation
        state = Mutex(State(generation: generation))
    }

    fileprivate struct State {
        /// Rows of the log by the hashes of their ids.
        var rows: [Int: Int64] = [:]
        /// The last row of the log that is known in memory.
        var last: Int64 = 0
        /// Whether the memory includes rows of a transaction in progress.
        var isAhead = false
        /// The rows that are being moved, in descending order of their ids.
        var moving: [Int64] = []
        /// The last row of the generation that is being moved, and the last row deleted of it.
        var (end, deleted) = (Int64(0), Int64(0))
        var isSorting = false
        var growth: GrowingIDs

        init(generation: Int) { growth = GrowingIDs(slack: generation / 32) }

        /// Whether the previous generation is deleted from the log, so that the next can be moved.
        var isIdle: Bool { moving.isEmpty && deleted >= end && !isSorting }
    }

    /// Claims the ids for `events`, in this order.
    /// - Returns: for each id the event that already has it; `nil` if the id is new.
    func claim(
        _ claims: [(id: StoredProducerID, source: Int64, event: EventID)], in database: Database
    ) throws -> [EventID?] {
        guard !claims.isEmpty else { return [] }
        return try state.withLock { state in
            state.isAhead = true
            try state.catchUp(with: database)
            let before = state.last
            let tables = try Tables(database)
            let holders = try claims.map { try state.claim($0.id, source: $0.source, for: $0.event, in: tables) }
            // Move twice the number of new ids: a generation is moved, and then deleted, before the next is full.
            let work = 2 * Int(state.last - before)
            if state.moving.isEmpty { try state.delete(work, from: database) } else { try state.move(work, in: tables) }
            return holders
        }
    }

    func committed() { state.withLock { $0.isAhead = false } }

    /// Forgets what a transaction wrote that was rolled back.
    func rolledBack() {
        state.withLock { state in
            if state.isAhead { state = State(generation: generation) }
        }
    }

    // MARK: Queries

    /// The events with the id, from `source` or from any source; reads beside the writer.
    func holders(of id: StoredProducerID, source: String?, in database: Database) throws -> [EventID] {
        // Read the memory first: rows that are moved meanwhile are then found in the tree.
        let last = state.withLock(\.last)
        let sources: [Int64] = try database.rows(
            "SELECT id FROM sources WHERE ?1 IS NULL OR name = ?1", source
        ) { $0.integer(0) }
        let rows = state.withLock { state in sources.compactMap { state.rows[id.hash(source: $0)] } }
        let sql = "SELECT event, source FROM recent_ids WHERE producer_id = ?"
        var found: [(event: EventID?, source: Int64)] = []
        for row in rows {
            found += try database.rows(sql + " AND seq = ?", id, row) { ($0.identifier(0), $0.integer(1)) }
        }
        // Other processes may have written the rest.
        found += try database.rows(sql + " AND seq > ?", id, last) { ($0.identifier(0), $0.integer(1)) }
        found += try database.rows("SELECT event, source FROM producer_ids WHERE producer_id = ?", id) {
            ($0.identifier(0), $0.integer(1))
        }
        return Set(found.filter { sources.contains($0.source) }.compactMap(\.event)).sorted(by: >)
    }

    // MARK: Moving

    /// Begins to move a generation if it is full. Sorting takes a while, so it runs beside the writer.
    func sortIfFull(_ database: SQLiteDatabase) async {
        let begins = state.withLock { state in
            guard state.rows.count >= generation, state.isIdle else { return false }
            state.isSorting = true
            return true
        }
        guard begins else { return }
        let sorted: (end: Int64, rows: [Int64])? = try? await database.readForWork { database in
            // One row always stays, so that no number is assigned twice.
            let end = try database.first("SELECT max(seq) - 1 FROM recent_ids", map: { $0.integer(0) }) ?? 0
            let sql = "SELECT seq FROM recent_ids WHERE seq <= ? ORDER BY producer_id DESC, source DESC"
            return (end, try database.rows(sql, end) { $0.integer(0) })
        }
        state.withLock { state in
            state.isSorting = false
            if let sorted { (state.moving, state.end) = (sorted.rows, sorted.end) }
        }
    }
}

/// The statements of a claim.
private struct Tables {
    let row, append, holder, insert, scan, move: PreparedStatement

    init(_ database: Database) throws {
        row = try PreparedStatement(
            "SELECT event FROM recent_ids WHERE seq = ? AND producer_id = ? AND source = ?", in: database)
        scan = try PreparedStatement("SELECT event FROM recent_ids WHERE producer_id = ? AND source = ?", in: database)
        append = try PreparedStatement(
            "INSERT INTO recent_ids (seq, producer_id, source, event) VALUES (?, ?, ?, ?)", in: database)
        holder = try PreparedStatement(
            "SELECT event FROM producer_ids WHERE producer_id = ? AND source = ?", in: database)
        insert = try PreparedStatement(
            "INSERT INTO producer_ids (producer_id, source, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            in: database)
        move = try PreparedStatement(
            """
            INSERT OR IGNORE INTO producer_ids (producer_id, source, event)
            SELECT producer_id, source, event FROM recent_ids WHERE seq = ?
            """, in: database)
    }
}

extension ProducerIDs.State {
    /// Learns the rows of the log that are not known in memory.
    fileprivate mutating func catchUp(with database: Database) throws {
        let query = try PreparedStatement("SELECT seq, producer_id, source FROM recent_ids WHERE seq > ?", in: database)
        let found = try query.rows(last) { ($0.integer(0), StoredProducerID(columns: $0, 1), $0.integer(2)) }
        for (row, id, source) in found {
            rows[id.hash(source: source)] = row
            last = max(last, row)
        }
    }

    fileprivate mutating func claim(
        _ id: StoredProducerID, source: Int64, for event: EventID, in tables: Tables
    ) throws -> EventID? {
        let hash = id.hash(source: source)
        if let row = rows[hash] {
            if let holder: EventID = try tables.row.first(row, id, source, map: { $0.identifier(0) }) { return holder }
            // Another process moved it, or it is another id with the same hash.
            if let holder: EventID = try tables.scan.first(id, source, map: { $0.identifier(0) }) { return holder }
        } else if growth.continues(with: id, source: source), try tables.insert.run(id, source, event) == 1 {
            return nil
        }
        if let holder: EventID = try tables.holder.first(id, source, map: { $0.identifier(0) }) { return holder }
        last += 1
        try tables.append.run(last, id, source, event)
        rows[hash] = last
        return nil
    }

    fileprivate mutating func move(_ count: Int, in tables: Tables) throws {
        for row in moving.suffix(count).reversed() { try tables.move.run(row) }
        moving.removeLast(min(count, moving.count))
    }

    fileprivate mutating func delete(_ count: Int, from database: Database) throws {
        guard deleted < end, count > 0 else { return }
        deleted = min(end, max(deleted + Int64(count), 0))
        try database.run("DELETE FROM recent_ids WHERE seq <= ?", deleted)
        if deleted == end { rows = rows.filter { $0.value > end } }
    }
}

/// Whether ids grow, as numbers and times do; growing ids are inserted next to their predecessors.
private struct GrowingIDs {
    private static let limit = 256

    /// How many growing ids may come before a smaller one.
    let slack: Int

    /// The ids of one source with the same letters before the first digit.
    private struct Kind {
        var greatest: StoredProducerID
        /// The greatest id when the last run of `slack` ids ended, and when the run before it did.
        var former: StoredProducerID?
        var floor: StoredProducerID?
        var count = 0
    }

    private var kinds: [Int: Kind] = [:]

    init(slack: Int) { self.slack = slack }

    mutating func continues(with id: StoredProducerID, source: Int64) -> Bool {
        let hash = id.kind(source: source)
        guard var kind = kinds[hash] else {
            if kinds.count >= Self.limit { kinds = [:] }
            kinds[hash] = Kind(greatest: id)
            return true
        }
        if id.isAfter(kind.greatest) { kind.greatest = id }
        kind.count += 1
        if kind.count >= slack { (kind.floor, kind.former, kind.count) = (kind.former, kind.greatest, 0) }
        kinds[hash] = kind
        return kind.floor.map(id.isAfter) ?? true
    }
}

extension StoredProducerID {
    fileprivate func kind(source: Int64) -> Int {
        var hasher = Hasher()
        hasher.combine(source)
        switch self {
        case .uuid: break
        case .text(let text):
            hasher.combine(true)
            for byte in text.utf8.prefix(while: { !(0x30...0x39).contains($0) }) { hasher.combine(byte) }
        }
        return hasher.finalize()
    }

    /// Whether it comes after `other` if digits are compared as numbers: 10 after 9.
    fileprivate func isAfter(_ other: StoredProducerID) -> Bool {
        switch (self, other) {
        case (.uuid(let id), .uuid(let other)): id > other
        case (.text(let text), .text(let other)):
            text.utf8.count == other.utf8.count
                ? other.utf8.lexicographicallyPrecedes(text.utf8) : text.utf8.count > other.utf8.count
        case (.text, .uuid), (.uuid, .text): false
        }
    }
}
