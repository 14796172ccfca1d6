import SheafCore

/// The columns of a window that has ended, as they are written and read.
enum EndedWindowColumn: Int32, ColumnName {
    case id, type, recipient, keyPart, alone, openedAt, closesAt, endedAt, events, notification, reason, attempts
    case waitedFor
    // Between these are its events; they are not read with it.
    case firstEvent, lastEvent

    var name: StaticString {
        switch self {
        case .id: "id"
        case .type: "type"
        case .recipient: "recipient"
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

    let window: EndedWindow
    /// Its events are in it.
    let range: EventRange

    static func values(_ column: EndedWindowColumn, of rows: [EndedWindowRow]) -> PostgresParameter {
        switch column {
        case .id: PostgresParameter(array: rows.map(\.window.id))
        case .type: PostgresParameter(array: rows.map(\.window.span.key.type))
        case .recipient: PostgresParameter(array: rows.map(\.window.span.key.recipient))
        case .keyPart: PostgresParameter(array: rows.map(\.window.span.key.part))
        case .alone: PostgresParameter(array: rows.map(\.window.isAlone))
        case .openedAt: PostgresParameter(array: rows.map(\.window.span.openedAt))
        case .closesAt: PostgresParameter(array: rows.map(\.window.span.closesAt))
        case .endedAt: PostgresParameter(array: rows.map(\.window.endedAt))
        case .events: PostgresParameter(array: rows.map(\.window.events))
        case .notification: PostgresParameter(array: rows.map(\.window.notification))
        case .reason: PostgresParameter(array: rows.map(\.window.reason))
        case .attempts: PostgresParameter(array: rows.map(\.window.attempts))
        case .waitedFor: PostgresParameter(array: rows.map(\.window.waitedFor?.rawValue))
        case .firstEvent: PostgresParameter(array: rows.map(\.range.first))
        case .lastEvent: PostgresParameter(array: rows.map(\.range.last))
        }
    }
}

extension EndedWindow {
    static let columns = EndedWindowColumn.list()

    init(_ row: PostgresRow) throws {
        typealias Column = EndedWindowColumn
        let key = WindowKey(
            type: Int(try row.integer(Column.type)), recipient: try row.integer(Column.recipient),
            part: try row.optionalText(Column.keyPart))
        self.init(
            id: try row.integer(Column.id),
            span: WindowSpan(
                key: key, openedAt: try row.timestamp(Column.openedAt), closesAt: try row.timestamp(Column.closesAt)),
            isAlone: try row.boolean(Column.alone), events: Int(try row.integer(Column.events)),
            endedAt: try row.timestamp(Column.endedAt), notification: try row.optionalIdentifier(Column.notification),
            reason: try row.optionalText(Column.reason), attempts: Int(try row.integer(Column.attempts)),
            waitedFor: try row.optionalText(Column.waitedFor).flatMap(WaitReason.init(rawValue:)))
    }
}
