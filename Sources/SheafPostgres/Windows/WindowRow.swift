import SheafCore

/// A live window as it is stored.
struct WindowRow {
    /// The raw value is stored.
    enum State: Int {
        case open = 0
        /// It was due when an event came, or is alone, or was claimed; its key may open another.
        case closed = 1
        case waiting = 2
    }

    /// The columns of `windows w`.
    static let columns: StaticString = """
        w.id, w.type, w.recipient, w.key_part, w.state, w.due, w.opened_at, w.closes_at, w.events, w.token, w.revision,
        w.attempt, w.alone, w.wait_reason, w.bytes, w.first_event, w.last_event
        """
    static let columnCount: Int32 = 17

    /// Whether operators see it: a condition of rows.
    static let isShownInRow: StaticString = "(state = 0 AND NOT alone OR state = 2)"

    /// The types that have windows, and at the end null: a step in the index for each that there is.
    static let types: StaticString = """
        all_types (type) AS (
            (SELECT type FROM windows ORDER BY type LIMIT 1)
            UNION ALL
            SELECT (SELECT type FROM windows WHERE type > a.type ORDER BY type LIMIT 1) FROM all_types a
            WHERE a.type IS NOT NULL
        )
        """

    let id: WindowID
    let key: WindowKey
    let state: State
    let due: Timestamp
    let openedAt: Timestamp
    let closesAt: Timestamp
    let events: Int
    let bytes: Int
    /// Its events are in it.
    let range: EventRange
    let token: Int64
    let revision: Int64
    let attempt: Int
    let isAlone: Bool
    let waitsFor: WaitReason?

    init(_ row: PostgresRow) throws {
        guard let state = State(rawValue: Int(try row.integer(4))) else {
            throw SheafError(.storage, field: "store.url", "the database holds a window of an unknown state")
        }
        id = try row.integer(0)
        key = WindowKey(
            type: Int(try row.integer(1)), recipient: try row.integer(2), part: try row.optionalText(3))
        self.state = state
        due = try row.timestamp(5)
        openedAt = try row.timestamp(6)
        closesAt = try row.timestamp(7)
        events = Int(try row.integer(8))
        bytes = Int(try row.integer(14))
        range = try EventRange(row, 15)
        token = try row.integer(9)
        revision = try row.integer(10)
        attempt = Int(try row.integer(11))
        isAlone = try row.boolean(12)
        waitsFor = state == .waiting ? try row.optionalText(13).flatMap(WaitReason.init(rawValue:)) : nil
    }

    /// The window as operators see it.
    var view: OpenWindow {
        OpenWindow(
            id: id, key: key, events: events, bytes: bytes, openedAt: openedAt,
            closesAt: state == .waiting ? due : closesAt, waitsFor: waitsFor, isAlone: isAlone)
    }

    /// As the condition of rows.
    var isShown: Bool { state == .open && !isAlone || state == .waiting }

    /// Whether a claim with this token holds it.
    func isHeld(by token: Int64?) -> Bool { self.token != 0 && self.token == token }

    var closed: ClosedWindow { ClosedWindow(key: key, openedAt: openedAt, closesAt: closesAt) }

    /// Locks windows and returns their current rows.
    static func lock(_ ids: some Sequence<WindowID>) -> PostgresQuery {
        // In one order for all: events that join by their keys' digests may also lock windows that were just claimed.
        "SELECT \(sql: columns) FROM windows w WHERE id = ANY(\(Array(ids))) ORDER BY key, id FOR UPDATE"
    }

    /// Deletes windows that this transaction has locked.
    static func delete(_ ids: [WindowID]) -> PostgresQuery {
        """
        DELETE FROM windows w USING unnest(\(ids)) AS i (id)
        CROSS JOIN LATERAL (SELECT ctid AS row FROM windows WHERE id = i.id OFFSET 0) found
        WHERE w.ctid = found.row
        """
    }
}

extension WindowKey {
    /// The bytes of which the digest, by which windows are found, is made. A key can be longer than an index entry
    /// allows.
    var bytes: [UInt8] { Array(description.utf8) }
}

extension WindowMerging {
    /// - Parameter rows: the windows that are to wait, and the waiting windows of their keys.
    init(_ rows: [WindowRow], at now: Timestamp) {
        self.init(
            rows.map { row in
                Window(
                    id: row.id, key: row.key, token: row.token, isAlone: row.isAlone, due: row.due,
                    reason: row.waitsFor, attempt: row.attempt, events: row.events, bytes: row.bytes)
            }, waiting: Set(rows.lazy.filter { $0.state == .waiting && $0.token == 0 }.map(\.id)), at: now)
    }
}
