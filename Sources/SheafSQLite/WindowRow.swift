import GRDB
import SheafCore

/// A window as it is stored.
struct WindowRow {
    /// The raw value is stored.
    enum State: Int {
        case open = 0
        case closed = 1
        case claimed = 2
    }

    static let columns = "id, key, state, due, opened_at, closes_at, events, leader, attempt"

    let id: WindowID
    let key: WindowKey
    var state: State
    let due: Timestamp
    var window: WindowState
    let attempt: Int

    init?(columns: Columns) {
        guard let key = WindowKey(columns.text(1)), let state = State(rawValue: Int(columns.integer(2))) else {
            return nil
        }
        id = columns.integer(0)
        self.key = key
        self.state = state
        due = columns.timestamp(3)
        window = WindowState(
            openedAt: columns.timestamp(4), closesAt: columns.timestamp(5), events: Int(columns.integer(6)),
            leader: columns.identifier(7))
        attempt = Int(columns.integer(8))
    }

    /// A window that was just opened.
    init(id: WindowID, key: WindowKey, window: WindowState) {
        self.id = id
        self.key = key
        state = .open
        due = window.closesAt
        self.window = window
        attempt = 0
    }

    private static let queryByKey = "SELECT \(columns) FROM windows WHERE key = ? ORDER BY id DESC"

    /// All windows of `key`, the newest first.
    static func all(of key: WindowKey, in database: Database) throws -> [WindowRow] {
        try database.rows(queryByKey, key.description, map: WindowRow.init(columns:))
    }

    /// Whether `event` waits in the window.
    func holds(_ event: EventID, in database: Database) throws -> Bool {
        try database.first("SELECT 1 FROM window_events WHERE window = ? AND event = ?", id, event) { _ in true }
            ?? false
    }

    var openWindow: OpenWindow {
        OpenWindow(
            id: id, key: key, events: window.events, openedAt: window.openedAt, closesAt: window.closesAt)
    }
}
