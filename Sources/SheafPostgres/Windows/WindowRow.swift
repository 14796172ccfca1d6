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

    private enum Column: Int32, ColumnName {
        case id, type, recipient, keyPart, state, due, openedAt, closesAt, events, token, revision, attempt, alone
        case waitReason, bytes, firstEvent, lastEvent

        var name: StaticString {
            switch self {
            case .id: "id"
            case .type: "type"
            case .recipient: "recipient"
            case .keyPart: "key_part"
            case .state: "state"
            case .due: "due"
            case .openedAt: "opened_at"
            case .closesAt: "closes_at"
            case .events: "events"
            case .token: "token"
            case .revision: "revision"
            case .attempt: "attempt"
            case .alone: "alone"
            case .waitReason: "wait_reason"
            case .bytes: "bytes"
            case .firstEvent: "first_event"
            case .lastEvent: "last_event"
            }
        }
    }

    /// The columns of `windows w`.
    static let columns = Column.list(of: "w")
    /// The place of the first column that is selected after these.
    static let end = Column.end

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
    /// Why it waits, or waited last.
    let waitedFor: WaitReason?

    init(_ row: PostgresRow) throws {
        guard let state = State(rawValue: Int(try row.integer(Column.state))) else {
            throw SheafError(.storage, field: "store.url", "the database holds a window of an unknown state")
        }
        id = try row.integer(Column.id)
        key = WindowKey(
            type: Int(try row.integer(Column.type)), recipient: try row.integer(Column.recipient),
            part: try row.optionalText(Column.keyPart))
        self.state = state
        due = try row.timestamp(Column.due)
        openedAt = try row.timestamp(Column.openedAt)
        closesAt = try row.timestamp(Column.closesAt)
        events = Int(try row.integer(Column.events))
        bytes = Int(try row.integer(Column.bytes))
        range = try EventRange(row, Column.firstEvent, Column.lastEvent)
        token = try row.integer(Column.token)
        revision = try row.integer(Column.revision)
        attempt = Int(try row.integer(Column.attempt))
        isAlone = try row.boolean(Column.alone)
        waitedFor = try row.optionalText(Column.waitReason).flatMap(WaitReason.init(rawValue:))
    }

    var waitsFor: WaitReason? { state == .waiting ? waitedFor : nil }

    /// The window as operators see it.
    var view: LiveWindow {
        LiveWindow(
            id: id, key: key, events: events, bytes: bytes, openedAt: openedAt,
            closesAt: state == .waiting ? due : closesAt, waitsFor: waitsFor, isAlone: isAlone)
    }

    /// As the condition of rows.
    var isShown: Bool { state == .open && !isAlone || state == .waiting }

    /// Whether a claim with this token holds it.
    func isHeld(by token: Int64) -> Bool { self.token != 0 && self.token == token }

    var span: WindowSpan { WindowSpan(key: key, openedAt: openedAt, closesAt: closesAt) }

    /// Locks windows and returns their current rows.
    static func lock(_ ids: some Sequence<WindowID>) -> PostgresQuery {
        // In one order for all: events that join by their keys' digests may also lock windows that were just claimed.
        "SELECT \(sql: columns) FROM windows w WHERE id = ANY(\(Array(ids))) ORDER BY key, id FOR UPDATE"
    }

    /// Counts the events that have left windows, which this transaction has locked.
    static func remove(_ left: [WindowID: Int]) -> PostgresQuery {
        let pairs = left.sorted { $0.key < $1.key }
        return """
            UPDATE windows w SET events = w.events - l.events, revision = w.revision + 1
            FROM unnest(\(pairs.map(\.key)), \(pairs.map(\.value))) AS l (id, events) WHERE w.id = l.id
            """
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
