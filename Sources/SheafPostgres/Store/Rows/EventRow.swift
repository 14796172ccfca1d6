import SheafCore

/// The columns of an event, as they are written and read, in statements from `events e JOIN sources s`.
enum EventColumn: Int32, ColumnName {
    case id, window, source, producerID, type, recipient, keyPart, occurredAt, receivedAt, payload, trace

    var name: StaticString {
        switch self {
        case .id: "id"
        case .window: "\"window\""
        case .source: "source"
        case .producerID: "producer_id"
        case .type: "type"
        case .recipient: "recipient"
        case .keyPart: "key_part"
        case .occurredAt: "occurred_at"
        case .receivedAt: "received_at"
        case .payload: "payload"
        case .trace: "trace"
        }
    }

    var expression: StaticString? { self == .source ? "s.name" : nil }
}

/// An event as it is written.
struct EventRow: InsertedRow {
    static let insertion = Insertion<EventRow>(into: "events")

    let event: Event
    let window: WindowID?
    let source: Int64

    static func values(_ column: EventColumn, of rows: [EventRow]) -> PostgresParameter {
        switch column {
        case .id: PostgresParameter(array: rows.map(\.event.id))
        case .window: PostgresParameter(array: rows.map(\.window))
        case .source: PostgresParameter(array: rows.map(\.source))
        case .producerID: PostgresParameter(array: rows.map(\.event.producerID))
        case .type: PostgresParameter(array: rows.map(\.event.type))
        case .recipient: PostgresParameter(array: rows.map(\.event.recipient))
        case .keyPart: PostgresParameter(array: rows.map(\.event.keyPart))
        case .occurredAt: PostgresParameter(array: rows.map(\.event.occurredAt))
        case .receivedAt: PostgresParameter(array: rows.map(\.event.receivedAt))
        case .payload: PostgresParameter(array: rows.map(\.event.payload))
        case .trace: PostgresParameter(array: rows.map(\.event.traceParent))
        }
    }
}

extension Event {
    static let columns = EventColumn.list(of: "e")

    init(_ row: PostgresRow) throws {
        typealias Column = EventColumn
        self.init(
            id: try row.identifier(Column.id), source: try row.text(Column.source),
            producerID: try row.optionalText(Column.producerID), type: Int(try row.integer(Column.type)),
            recipient: try row.integer(Column.recipient), keyPart: try row.optionalText(Column.keyPart),
            occurredAt: try row.timestamp(Column.occurredAt), receivedAt: try row.timestamp(Column.receivedAt),
            payload: try row.text(Column.payload), traceParent: try row.optionalText(Column.trace))
    }
}

/// The columns of an event's own outcome, which are selected after the event's.
private enum OutcomeColumn: Int32, ColumnName {
    case status, reason, finishedAt

    static let first = EventColumn.end

    var name: StaticString {
        switch self {
        case .status: "status"
        case .reason: "reason"
        case .finishedAt: "finished_at"
        }
    }
}

/// The columns of an event's ended window, which are selected after those of its outcome.
private enum EndColumn: Int32, ColumnName {
    case notification, reason, endedAt

    static let first = OutcomeColumn.end

    var name: StaticString {
        switch self {
        case .notification: "notification"
        case .reason: "reason"
        case .endedAt: "ended_at"
        }
    }
}

extension StoredEvent {
    /// The columns of ``tables``, and of `events e JOIN sources s LEFT JOIN ended_windows x`.
    static let columns = SQLText(EventColumn.list(of: "e"), OutcomeColumn.list(of: "e"), EndColumn.list(of: "x"))
    /// The place of the first column that is selected after these.
    static let end = EndColumn.end
    static let tables: StaticString = """
        events e JOIN sources s ON s.id = e.source
            LEFT JOIN LATERAL (SELECT * FROM ended_windows WHERE id = e."window" OFFSET 0) x ON true
        """

    init(_ row: PostgresRow) throws {
        var outcome: (EventStatus, String?, Timestamp)?
        if let number = try row.optionalInteger(OutcomeColumn.status) {
            guard let status = EventStatus(rawValue: Int(number)) else { throw PostgresRow.unknownValue }
            outcome = (
                status, try row.optionalText(OutcomeColumn.reason), try row.timestamp(OutcomeColumn.finishedAt)
            )
        }
        self.init(
            try Event(row), window: try row.optionalInteger(EventColumn.window), outcome: outcome,
            ended: try row.optionalTimestamp(EndColumn.endedAt).map {
                (try row.optionalIdentifier(EndColumn.notification), try row.optionalText(EndColumn.reason), $0)
            })
    }
}
