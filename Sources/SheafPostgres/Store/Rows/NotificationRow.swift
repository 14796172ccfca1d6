import SheafCore

/// The columns of a notification, as they are written and read.
enum NotificationColumn: Int32, ColumnName {
    case id, recipient, type, listTitle, listDescription, fullTitle, fullText, eventCount, createdAt, trace, url, locale
    case category, importance, status, deliveredAt, readAt, attempts
    // Whose events it is about, which is not read with it.
    case window

    var name: StaticString {
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
        }
    }

    /// Those that are set by a delivery or a reader.
    static let later: Set<NotificationColumn> = [.status, .deliveredAt, .readAt, .attempts]
}

/// A notification as it is written.
struct NotificationRow: InsertedRow {
    static let insertion = Insertion<NotificationRow>(into: "notifications", without: NotificationColumn.later)

    let id: NotificationID
    let recipient: RecipientID
    let type: EventTypeCode
    let content: NotificationContent
    let eventCount: Int
    let createdAt: Timestamp
    let traceParent: String?
    /// `nil` for a notification of a replay.
    let window: WindowID?

    /// `nil` if the digest has no notification.
    init?(_ digest: Digest, of window: WindowID, at moment: Timestamp) {
        guard case .notification(let content) = digest.composition else { return nil }
        id = digest.id
        (recipient, type) = (digest.window.key.recipient, digest.window.key.type)
        self.content = content
        (eventCount, createdAt) = (digest.eventCount, moment)
        (traceParent, self.window) = (digest.traceParent, window)
    }

    init(_ digest: ReplayedDigest, at moment: Timestamp) {
        id = digest.id
        (recipient, type, content) = (digest.recipient, digest.type, digest.content)
        (eventCount, createdAt, traceParent, window) = (digest.events.count, moment, digest.traceParent, nil)
    }

    static func values(_ column: NotificationColumn, of rows: [NotificationRow]) -> PostgresParameter {
        switch column {
        case .id: PostgresParameter(array: rows.map(\.id))
        case .recipient: PostgresParameter(array: rows.map(\.recipient))
        case .type: PostgresParameter(array: rows.map(\.type))
        case .listTitle: PostgresParameter(array: rows.map(\.content.listTitle))
        case .listDescription: PostgresParameter(array: rows.map(\.content.listDescription))
        case .fullTitle: PostgresParameter(array: rows.map(\.content.fullTitle))
        case .fullText: PostgresParameter(array: rows.map(\.content.fullText))
        case .eventCount: PostgresParameter(array: rows.map(\.eventCount))
        case .createdAt: PostgresParameter(array: rows.map(\.createdAt))
        case .trace: PostgresParameter(array: rows.map(\.traceParent))
        case .url: PostgresParameter(array: rows.map(\.content.url))
        case .locale: PostgresParameter(array: rows.map(\.content.locale))
        case .category: PostgresParameter(array: rows.map(\.content.storedCategory))
        case .importance: PostgresParameter(array: rows.map(\.content.storedImportance))
        case .status: PostgresParameter(array: rows.map { _ in UserNotification.Status.pending.rawValue })
        case .deliveredAt, .readAt: PostgresParameter(array: rows.map { _ in Timestamp?.none })
        case .attempts: PostgresParameter(array: rows.map { _ in 0 })
        case .window: PostgresParameter(array: rows.map(\.window))
        }
    }
}

extension UserNotification {
    private static let read = NotificationColumn.allCases.filter { $0 != .window }
    static let columns = NotificationColumn.list(read)
    /// The place of the first column that is selected after these.
    static let end = Int32(read.count)

    init(_ row: PostgresRow) throws {
        typealias Column = NotificationColumn
        guard let status = Status(rawValue: Int(try row.integer(Column.status))) else { throw PostgresRow.unknownValue }
        self.init(
            id: try row.identifier(Column.id), recipient: try row.integer(Column.recipient),
            type: Int(try row.integer(Column.type)),
            content: NotificationContent(
                listTitle: try row.text(Column.listTitle), listDescription: try row.text(Column.listDescription),
                fullTitle: try row.text(Column.fullTitle), fullText: try row.text(Column.fullText),
                url: try row.optionalText(Column.url), locale: try row.optionalText(Column.locale),
                storedCategory: try row.optionalText(Column.category),
                storedImportance: try row.optionalText(Column.importance)),
            eventCount: Int(try row.integer(Column.eventCount)), createdAt: try row.timestamp(Column.createdAt),
            traceParent: try row.optionalText(Column.trace), status: status,
            deliveredAt: try row.optionalTimestamp(Column.deliveredAt),
            readAt: try row.optionalTimestamp(Column.readAt), attempts: Int(try row.integer(Column.attempts)))
    }
}
