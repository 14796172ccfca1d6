import SheafCore

/// The columns of a window that has ended, as they are written and read.
enum EndedWindowColumn: Int32, ColumnName {
    case id, recipient, type, keyPart, alone, openedAt, closesAt, endedAt, events, notification, reason, attempts
    case waitedFor
    // Between these are its events; they are not read with it.
    case firstEvent, lastEvent

    var name: String {
        switch self {
        case .id: "id"
        case .recipient: "recipient"
        case .type: "type"
        case .keyPart: "key_part"
        case .alone: "alone"
        case .openedAt: "opened_at"
        case .closesAt: "closes_at"
        case .endedAt: "ended_at"
        case .events: "events"
        case .notification: "notification"
        case .reason: "reason"
        case .attempts: "attempts"
        case .waitedFor: "waited_for"
        case .firstEvent: "first_event"
        case .lastEvent: "last_event"
        }
    }
}

/// A window that has ended, as it is written.
struct EndedWindowRow: InsertedRow {
    static let insertion = Insertion<EndedWindowRow>(into: "ended_windows")

    private let window: EndedWindow
    private let firstEvent: EventID
    private let lastEvent: EventID

    /// `nil` if it has no events.
    init?(_ window: EndedWindow, of events: [EventID]) {
        guard let first = events.min(), let last = events.max() else { return nil }
        self.window = window
        firstEvent = first
        lastEvent = last
    }

    func bind(_ column: EndedWindowColumn, to parameter: StatementParameter) -> Int32 {
        switch column {
        case .id: parameter.bind(window.id)
        case .recipient: parameter.bind(window.span.key.recipient)
        case .type: parameter.bind(window.span.key.type)
        case .keyPart: parameter.bind(window.span.key.part)
        case .alone: parameter.bind(window.isAlone ? 1 : 0)
        case .openedAt: parameter.bind(window.span.openedAt)
        case .closesAt: parameter.bind(window.span.closesAt)
        case .endedAt: parameter.bind(window.endedAt)
        case .events: parameter.bind(window.events)
        case .notification: parameter.bind(window.notification)
        case .reason: parameter.bind(window.reason)
        case .attempts: parameter.bind(window.attempts)
        case .waitedFor: parameter.bind(window.waitedFor?.rawValue)
        case .firstEvent: parameter.bind(firstEvent)
        case .lastEvent: parameter.bind(lastEvent)
        }
    }
}

extension EndedWindow {
    static let columns = EndedWindowColumn.list()

    init?(columns: Columns) {
        typealias Column = EndedWindowColumn
        let key = WindowKey(
            type: Int(columns.integer(Column.type)), recipient: columns.integer(Column.recipient),
            part: columns.optionalText(Column.keyPart))
        self.init(
            id: columns.integer(Column.id),
            span: WindowSpan(
                key: key, openedAt: columns.timestamp(Column.openedAt), closesAt: columns.timestamp(Column.closesAt)),
            isAlone: columns.integer(Column.alone) == 1, events: Int(columns.integer(Column.events)),
            endedAt: columns.timestamp(Column.endedAt), notification: columns.identifier(Column.notification),
            reason: columns.optionalText(Column.reason), attempts: Int(columns.integer(Column.attempts)),
            waitedFor: columns.optionalText(Column.waitedFor).flatMap(WaitReason.init(rawValue:)))
    }
}
