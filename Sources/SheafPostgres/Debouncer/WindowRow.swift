import SheafCore

/// A window as it is stored.
struct WindowRow {
    /// The raw value is stored.
    enum State: Int {
        case open = 0
        case closed = 1
        case claimed = 2
    }

    static let columns: StaticString = """
        w.id, w.key, w.state, w.opened_at, w.closes_at, w.events, w.leader, w.attempt
        """

    let id: WindowID
    let key: WindowKey
    let state: State
    let window: WindowState
    let attempt: Int

    init(_ row: PostgresRow) throws {
        guard let key = WindowKey(String(decoding: row.bytes(1), as: UTF8.self)),
            let state = State(rawValue: Int(try row.integer(2)))
        else {
            throw SheafError(.storage, field: "store.url", "the database holds a window of an unknown form")
        }
        id = try row.integer(0)
        self.key = key
        self.state = state
        window = WindowState(
            openedAt: try row.timestamp(3), closesAt: try row.timestamp(4), events: Int(try row.integer(5)),
            leader: try row.optionalIdentifier(6))
        attempt = Int(try row.integer(7))
    }

    var openWindow: OpenWindow {
        OpenWindow(id: id, key: key, events: window.events, openedAt: window.openedAt, closesAt: window.closesAt)
    }
}

extension WindowKey {
    /// The form it is stored and compared in.
    var bytes: [UInt8] { Array(description.utf8) }
}
