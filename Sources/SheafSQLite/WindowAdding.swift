import GRDB
import SheafCore

/// Adds events to windows within one transaction: a key's windows are read once and written once, however many of the
/// batch's events it has.
struct WindowAdding {
    let database: Database
    let now: Timestamp
    private let insertion: PreparedStatement
    private var windows: [WindowKey: KeyWindows] = [:]

    /// The windows of one key: the open one, and those that wait to be bound.
    private struct KeyWindows {
        var open: WindowRow?
        var others: [WindowRow]
        var isChanged = false
    }

    init(database: Database, now: Timestamp) throws {
        insertion = try PreparedStatement(
            "INSERT INTO window_events (window, event) VALUES (?, ?) ON CONFLICT DO NOTHING", in: database)
        self.database = database
        self.now = now
    }

    mutating func add(_ entry: DebounceEntry) throws -> DebounceAdmission {
        var windows = try self.windows[entry.key] ?? load(entry.key)
        defer { self.windows[entry.key] = windows }
        for other in windows.others where try other.holds(entry.event, in: database) {
            return DebounceAdmission(outcome: .known, dueIn: .zero)
        }
        if let open = windows.open {
            if open.window.leader == entry.event { return admission(.leading, open) }
            if try open.window.isDue(at: now) && open.holds(entry.event, in: database) {
                return admission(.known, open)
            }
            if open.window.isDue(at: now) { try close(&windows) }
        }
        return try windows.open == nil ? open(entry, &windows) : join(entry, &windows)
    }

    /// Writes what changed.
    func finish() throws {
        for case let (open?, true) in windows.values.map({ ($0.open, $0.isChanged) }) { try write(open) }
    }

    // MARK: Steps

    private func open(_ entry: DebounceEntry, _ windows: inout KeyWindows) throws -> DebounceAdmission {
        let (state, outcome) = WindowState.open(with: entry.event, at: now, policy: entry.policy)
        try database.run(
            """
            INSERT INTO windows (key, recipient, state, due, opened_at, closes_at, events, leader)
            VALUES (?, ?, 0, ?, ?, ?, ?, ?)
            """,
            entry.key.description, entry.key.recipient, state.closesAt, state.openedAt, state.closesAt, state.events,
            state.leader)
        let row = WindowRow(id: database.lastInsertedRowID, key: entry.key, window: state)
        if outcome == .waiting { _ = try insert(entry.event, into: row) }
        windows.open = row
        return admission(outcome == .leading ? .leading : .opened, row)
    }

    private func join(_ entry: DebounceEntry, _ windows: inout KeyWindows) throws -> DebounceAdmission {
        guard var row = windows.open else { return try open(entry, &windows) }
        guard try insert(entry.event, into: row) else { return admission(.known, row) }
        row.window.admit(at: now, policy: entry.policy)
        windows.open = row
        windows.isChanged = true
        return admission(.joined, row)
    }

    /// The open window takes no more.
    private func close(_ windows: inout KeyWindows) throws {
        guard var row = windows.open else { return }
        row.state = .closed
        try write(row)
        windows.others.append(row)
        windows.open = nil
        windows.isChanged = false
    }

    private func insert(_ event: EventID, into row: WindowRow) throws -> Bool {
        try insertion.run(row.id, event) == 1
    }

    private func write(_ row: WindowRow) throws {
        // Leaving the moment alone spares its index.
        if row.state == .open, row.window.closesAt == row.due {
            try database.run("UPDATE windows SET events = ? WHERE id = ?", row.window.events, row.id)
            return
        }
        try database.run(
            "UPDATE windows SET state = ?, due = ?, closes_at = ?, events = ? WHERE id = ?", row.state.rawValue,
            row.window.closesAt, row.window.closesAt, row.window.events, row.id)
    }

    private func load(_ key: WindowKey) throws -> KeyWindows {
        let rows = try WindowRow.all(of: key, in: database)
        return KeyWindows(open: rows.first { $0.state == .open }, others: rows.filter { $0.state != .open })
    }

    private func admission(_ outcome: DebounceAdmission.Outcome, _ row: WindowRow) -> DebounceAdmission {
        DebounceAdmission(outcome: outcome, dueIn: max(.zero, row.window.closesAt - now))
    }
}
