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

    private enum Column: Int32, ColumnName {
        case id, recipient, type, keyPart, alone, state, due, openedAt, closesAt, events, revision, attempt, leader
        case waitReason, bytes, rule

        var name: String {
            switch self {
            case .id: "id"
            case .recipient: "recipient"
            case .type: "type"
            case .keyPart: "key_part"
            case .alone: "alone"
            case .state: "state"
            case .due: "due"
            case .openedAt: "opened_at"
            case .closesAt: "closes_at"
            case .events: "events"
            case .revision: "revision"
            case .attempt: "attempt"
            case .leader: "leader"
            case .waitReason: "wait_reason"
            case .bytes: "bytes"
            case .rule: "rule"
            }
        }
    }

    static let columns = Column.list()

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
        guard let state = State(rawValue: Int(columns.integer(Column.state))) else { return nil }
        id = columns.integer(Column.id)
        key = WindowKey(
            type: Int(columns.integer(Column.type)), recipient: columns.integer(Column.recipient),
            part: columns.optionalText(Column.keyPart))
        isAlone = columns.integer(Column.alone) == 1
        self.state = state
        due = columns.timestamp(Column.due)
        window = WindowState(
            openedAt: columns.timestamp(Column.openedAt), closesAt: columns.timestamp(Column.closesAt),
            events: Int(columns.integer(Column.events)), bytes: Int(columns.integer(Column.bytes)),
            leader: columns.identifier(Column.leader),
            rule: columns.optionalText(Column.rule).flatMap { ClosingRule($0) })
        revision = columns.integer(Column.revision)
        attempt = Int(columns.integer(Column.attempt))
        waitsFor = columns.optionalText(Column.waitReason).flatMap(WaitReason.init(rawValue:))
    }

    /// As the condition of rows.
    var isShown: Bool { state == .open && !isAlone || state == .waiting }

    var span: WindowSpan { WindowSpan(key: key, openedAt: window.openedAt, closesAt: window.closesAt) }

    var openWindow: LiveWindow {
        LiveWindow(
            id: id, key: key, events: window.events, bytes: window.bytes, openedAt: window.openedAt,
            closesAt: state == .waiting ? due : window.closesAt, waitsFor: state == .waiting ? waitsFor : nil,
            isAlone: isAlone)
    }
}
