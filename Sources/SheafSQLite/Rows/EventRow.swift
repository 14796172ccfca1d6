import GRDB
import SheafCore

/// The columns of an event, as they are written and read.
enum EventColumn: Int32, ColumnName {
    case id, window, source, type, recipient, receivedAt, occurredAfter, payload, producerID, keyPart, trace

    var name: String {
        switch self {
        case .id: "id"
        case .window: "\"window\""
        case .source: "source"
        case .type: "type"
        case .recipient: "recipient"
        case .receivedAt: "received_at"
        case .occurredAfter: "occurred_after"
        case .payload: "payload"
        case .producerID: "producer_id"
        case .keyPart: "key_part"
        case .trace: "trace"
        }
    }
}

/// An event as it is written.
struct EventRow: InsertedRow {
    static let insertion = Insertion<EventRow>(into: "events")

    let event: Event
    let window: WindowID?
    let source: Int64
    let producerID: StoredProducerID?

    func bind(_ column: EventColumn, to parameter: StatementParameter) -> Int32 {
        switch column {
        case .id: parameter.bind(event.id)
        case .window: parameter.bind(window)
        case .source: parameter.bind(source)
        case .type: parameter.bind(event.type)
        case .recipient: parameter.bind(event.recipient)
        case .receivedAt: parameter.bind(event.receivedAt)
        case .occurredAfter: parameter.bind((event.occurredAt - event.receivedAt).microseconds)
        case .payload: parameter.bind(event.payload)
        case .producerID: parameter.bind(producerID)
        case .keyPart: parameter.bind(event.keyPart)
        case .trace: parameter.bind(event.traceParent)
        }
    }
}

extension Event {
    static let columns = EventColumn.list()

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        typealias Column = EventColumn
        guard let id = columns.identifier(Column.id, of: Event.self) else { return nil }
        let receivedAt = columns.timestamp(Column.receivedAt)
        self.init(
            id: id, source: try sources.name(of: columns.integer(Column.source), in: database),
            producerID: columns.producerID(Column.producerID), type: Int(columns.integer(Column.type)),
            recipient: columns.integer(Column.recipient), keyPart: columns.optionalText(Column.keyPart),
            occurredAt: receivedAt + .microseconds(columns.integer(Column.occurredAfter)), receivedAt: receivedAt,
            payload: columns.text(Column.payload), traceParent: columns.optionalText(Column.trace))
    }
}

/// The columns of an event's own outcome, which are selected after the event's.
private enum OutcomeColumn: Int32, ColumnName {
    case status, reason, finishedAt

    static let first = EventColumn.end

    var name: String {
        switch self {
        case .status: "status"
        case .reason: "reason"
        case .finishedAt: "finished_at"
        }
    }
}

/// The columns of an event's ended window, which are selected after those of its outcome.
private enum EndColumn: Int32, ColumnName {
    case endedAt, notification, reason

    static let first = OutcomeColumn.end

    var name: String {
        switch self {
        case .endedAt: "ended_at"
        case .notification: "notification"
        case .reason: "reason"
        }
    }
}

extension StoredEvent {
    /// The columns of ``source``: events with their ended windows.
    static let columns = [EventColumn.list(of: "e"), OutcomeColumn.list(of: "e"), EndColumn.list(of: "w")]
        .joined(separator: ", ")
    /// The place of the first column that is selected after these.
    static let end = EndColumn.end
    static let source = "events e LEFT JOIN ended_windows w ON w.id = e.\"window\""

    init?(columns: Columns, sources: SourceNames, database: Database) throws {
        guard let event = try Event(columns: columns, sources: sources, database: database) else { return nil }
        let own = columns.optionalInteger(OutcomeColumn.status).flatMap { EventStatus(rawValue: Int($0)) }
        self.init(
            event, window: columns.optionalInteger(EventColumn.window),
            outcome: own.map {
                ($0, columns.optionalText(OutcomeColumn.reason), columns.timestamp(OutcomeColumn.finishedAt))
            },
            ended: columns.optionalTimestamp(EndColumn.endedAt).map {
                (columns.identifier(EndColumn.notification), columns.optionalText(EndColumn.reason), $0)
            })
    }
}
