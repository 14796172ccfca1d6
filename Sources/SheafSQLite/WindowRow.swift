import GRDB
import SheafCore

/// A stored window that has not ended.
struct WindowRow {
    /// The raw value is stored.
    enum State: Int {
        case open = 0
        case closed = 1
        case waiting = 3
    }

    static let columns = """
        id, recipient, type, key_part, alone, state, due, opened_at, closes_at, events, revision, attempt, leader, wait_reason,
        bytes, rule
        """

    /// Whether operators see it: a condition of rows.
    static let isShown = "(state = 0 AND alone = 0 OR state = 3)"

    let id: WindowID
    let key: WindowKey
    let isAlone: Bool
    let state: State
    let due: Timestamp
    let window: WindowState
    let revision: Int64
    let attempt: Int
    let waitsFor: WaitReason?

    init?(columns: Columns) {
        guard let state = State(rawValue: Int(columns.integer(5))) else { return nil }
        id = columns.integer(0)
        key = WindowKey(columns: columns, from: 1)
        isAlone = columns.integer(4) == 1
        self.state = state
        due = columns.timestamp(6)
        window = WindowState(
            openedAt: columns.timestamp(7), closesAt: columns.timestamp(8), events: Int(columns.integer(9)),
            bytes: Int(columns.integer(14)), leader: columns.identifier(12),
            rule: columns.optionalText(15).flatMap { ClosingRule($0) })
        revision = columns.integer(10)
        attempt = Int(columns.integer(11))
        waitsFor = columns.optionalText(13).flatMap(WaitReason.init(rawValue:))
    }

    /// As the condition of rows.
    var isShown: Bool { state == .open && !isAlone || state == .waiting }

    var closed: ClosedWindow { ClosedWindow(key: key, openedAt: window.openedAt, closesAt: window.closesAt) }

    var openWindow: OpenWindow {
        OpenWindow(
            id: id, key: key, events: window.events, bytes: window.bytes, openedAt: window.openedAt,
            closesAt: state == .waiting ? due : window.closesAt, waitsFor: state == .waiting ? waitsFor : nil,
            isAlone: isAlone)
    }
}

extension WindowKey {
    /// From the columns recipient, type and key_part.
    init(columns: Columns, from index: Int32) {
        self.init(
            type: Int(columns.integer(index + 1)), recipient: columns.integer(index),
            part: columns.optionalText(index + 2))
    }
}
