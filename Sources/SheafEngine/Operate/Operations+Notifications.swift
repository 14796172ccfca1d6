public import SheafCore

extension Operations {
    /// A page of the recipient's notifications, newest first.
    /// - Throws: ``SheafError`` `invalid` for a limit out of range or an invalid cursor.
    public func notifications(
        of recipient: RecipientID, after cursor: String? = nil, limit: Int? = nil, unreadOnly: Bool = false
    ) async throws -> FeedDocument {
        let page = try await store.feed(
            recipient: recipient, after: readCursor(cursor), limit: PageLimit.notifications.checked(limit),
            unreadOnly: unreadOnly)
        return FeedDocument(
            items: page.items.map { NotificationDocument($0, type: typeName($0.type), showsState: true) },
            next: page.next?.description, unread: page.unread)
    }

    /// The newest notifications of all recipients, newest first.
    public func newestNotifications(limit: Int) async throws -> [UserNotification] {
        try await store.newestNotifications(limit: limit)
    }

    /// The ids of the newest notifications of all recipients, newest first, down to but not including `bound`.
    public func newestNotificationIDs(after bound: NotificationID, limit: Int) async throws -> [NotificationID] {
        try await store.newestNotificationIDs(after: bound, limit: limit)
    }

    /// These notifications in the given order, without those that no longer exist.
    public func notifications(_ ids: [NotificationID]) async throws -> [UserNotification] {
        try await store.notifications(ids)
    }

    /// A notification as the API shows it.
    public func document(of notification: UserNotification) -> NotificationDocument {
        NotificationDocument(notification, type: typeName(notification.type), showsState: true)
    }

    /// One notification with its events' identifiers and its delivery attempts.
    /// - Throws: ``SheafError`` `not_found`.
    public func notification(_ id: String) async throws -> NotificationDetailDocument {
        guard let id = NotificationID(id), let notification = try await store.notifications([id]).first else {
            throw SheafError.notFound("notification")
        }
        let events = try await store.events(in: id)
        return NotificationDetailDocument(
            notification: NotificationDocument(
                notification, type: typeName(notification.type), showsState: true),
            events: try await store.publicIDs(of: events), attempts: try await store.attempts(of: id))
    }

    /// Marks one notification of the recipient as read; a notification that was read stays read.
    /// - Throws: ``SheafError`` `not_found`.
    public func markRead(_ id: String, of recipient: RecipientID) async throws {
        guard let id = NotificationID(id) else { throw SheafError.notFound("notification") }
        let isKnown = try await store.transaction("mark_read") { try $0.markRead(recipient: recipient, id) }
        guard isKnown else { throw SheafError.notFound("notification of this recipient") }
    }

    /// Marks all of the recipient's notifications as read.
    public func markAllRead(of recipient: RecipientID) async throws {
        _ = try await store.transaction("mark_all_read") { try $0.markRead(recipient: recipient, nil) }
    }
}
