import SheafCore

/// The columns of a notification, as they are written and read.
enum NotificationColumn: Int32, ColumnName {
    case id, recipient, type, listTitle, listDescription, fullTitle, fullText, eventCount, createdAt, trace, url, locale
    case category, importance, status, deliveredAt, readAt, attempts
    // What it is about, which is not read with it.
    case window, events

    var name: String {
        switch self {
        case .id: "id"
        case .recipient: "recipient"
        case .type: "type"
        case .listTitle: "list_title"
        case .listDescription: "list_description"
        case .fullTitle: "full_title"
        case .fullText: "full_text"
        case .eventCount: "event_count"
        case .createdAt: "created_at"
        case .trace: "trace"
        case .url: "url"
        case .locale: "locale"
        case .category: "category"
        case .importance: "importance"
        case .status: "status"
        case .deliveredAt: "delivered_at"
        case .readAt: "read_at"
        case .attempts: "attempts"
        case .window: "\"window\""
        case .events: "events"
        }
    }

    /// Those that are set by a delivery or a reader.
    static let later: Set<NotificationColumn> = [.status, .deliveredAt, .readAt, .attempts]
}

/// A notification as it is written.
struct NotificationRow: InsertedRow {
    static let insertion = Insertion<NotificationRow>(into: "notifications", without: NotificationColumn.later)

    let id: NotificationID
    let type: EventTypeCode
    let recipient: RecipientID
    let content: NotificationContent
    let eventCount: Int
    let createdAt: Timestamp
    let traceParent: String?
    /// Whose events it is about.
    var window: WindowID?
    /// The events of a replay.
    var events: [EventID]?

    func bind(_ column: NotificationColumn, to parameter: StatementParameter) -> Int32 {
        switch column {
        case .id: parameter.bind(id)
        case .recipient: parameter.bind(recipient)
        case .type: parameter.bind(type)
        case .listTitle: parameter.bind(content.listTitle)
        case .listDescription: parameter.bind(content.listDescription)
        case .fullTitle: parameter.bind(content.fullTitle)
        case .fullText: parameter.bind(content.fullText)
        case .eventCount: parameter.bind(eventCount)
        case .createdAt: parameter.bind(createdAt)
        case .trace: parameter.bind(traceParent)
        case .url: parameter.bind(content.url)
        case .locale: parameter.bind(content.locale)
        case .category: parameter.bind(content.storedCategory)
        case .importance: parameter.bind(content.storedImportance)
        case .status: parameter.bind(UserNotification.Status.pending.rawValue)
        case .deliveredAt, .readAt: parameter.bind(Timestamp?.none)
        case .attempts: parameter.bind(0)
        case .window: parameter.bind(window)
        case .events: parameter.bind(events?.flatMap(\.bytes))
        }
    }
}

extension UserNotification {
    private static let read = NotificationColumn.allCases.filter { $0 != .window && $0 != .events }
    static let columns = NotificationColumn.list(read)
    /// The place of the first column that is selected after these.
    static let end = Int32(read.count)

    init?(columns: Columns) {
        typealias Column = NotificationColumn
        guard let id = columns.identifier(Column.id, of: UserNotification.self),
            let status = Status(rawValue: Int(columns.integer(Column.status)))
        else { return nil }
        self.init(
            id: id, recipient: columns.integer(Column.recipient), type: Int(columns.integer(Column.type)),
            content: NotificationContent(
                listTitle: columns.text(Column.listTitle), listDescription: columns.text(Column.listDescription),
                fullTitle: columns.text(Column.fullTitle), fullText: columns.text(Column.fullText),
                url: columns.optionalText(Column.url), locale: columns.optionalText(Column.locale),
                storedCategory: columns.optionalText(Column.category),
                storedImportance: columns.optionalText(Column.importance)),
            eventCount: Int(columns.integer(Column.eventCount)), createdAt: columns.timestamp(Column.createdAt),
            traceParent: columns.optionalText(Column.trace), status: status,
            deliveredAt: columns.optionalTimestamp(Column.deliveredAt),
            readAt: columns.optionalTimestamp(Column.readAt), attempts: Int(columns.integer(Column.attempts)))
    }
}
