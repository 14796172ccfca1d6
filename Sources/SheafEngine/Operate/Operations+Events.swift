public import SheafCore

extension Operations {
    /// The event that clients call `id`, with its history.
    /// - Parameter source: the source it came from; `nil` for the newest from any source.
    /// - Throws: ``SheafError`` `not_found`.
    public func event(_ id: String, source: String? = nil) async throws -> EventDocument {
        let stored = try await stored(id, source: source)
        let notifications = try await store.notifications(stored.notificationID.map { [$0] } ?? [])
        let attempts = notifications.isEmpty ? [] : try await store.attempts(of: notifications[0].id)
        let notes = try await store.notes(
            of: [.event(stored.event.id)] + notifications.map { .notification($0.id) })
        let ended = stored.status == .new ? nil : try await endedWindow(of: stored)
        let waiting = stored.status == .new ? await waiting(stored) : nil
        let history = EventHistory(
            event: stored, window: ended, notification: notifications.first, attempts: attempts,
            heldBack: try await heldBack(notifications.first, attempts), notes: notes,
            retractor: try await retractor(notes), waiting: waiting, catalog: catalog, now: clock.now)
        return EventDocument(
            event: stored, type: typeName(stored.event.type),
            window: windowKey(of: stored, ended, waiting).map(catalog.text(of:)), history: history.steps)
    }

    /// Whether an earlier notification of the recipient held this one back, as far as attempts show it.
    private func heldBack(
        _ notification: UserNotification?, _ attempts: [DeliveryAttempt]
    ) async throws -> EventHistory.HeldBack? {
        guard let notification else { return nil }
        guard let first = attempts.first else {
            return try await store.deliveryTurns([notification.id]).first?.isBehind == true ? .still : nil
        }
        guard first.at - notification.createdAt >= .seconds(1) else { return nil }
        let earlier = try await store.feed(
            recipient: notification.recipient, after: notification.id, limit: Self.earlierNotifications,
            unreadOnly: false)
        var last: (end: Timestamp, id: NotificationID)?
        for other in earlier.items where other.attempts > 1 && other.status != .pending {
            var end = other.deliveredAt
            if end == nil { end = try await store.attempts(of: other.id).last?.at }
            guard let end, end <= first.at, end > last?.end ?? notification.createdAt else {
                continue
            }
            last = (end, other.id)
        }
        return last.map { .until($0.end, behind: $0.id) }
    }

    /// Among how many it is looked for what held a notification back.
    private static let earlierNotifications = 20

    /// What clients call the event that took another back, by the notes of that; Sheaf's own identifier if it is gone.
    private func retractor(_ notes: [HistoryNote]) async throws -> String? {
        guard let own = notes.last(where: { $0.step == .retracted })?.reason else { return nil }
        guard let id = EventID(own) else { return own }
        return try await store.publicIDs(of: [id]).first ?? own
    }

    /// Takes back the event that clients call `id`: it ends suppressed, unless it has ended. Doing it again is harmless.
    /// - Parameter source: the source it came from; `nil` for any, of which the newest is meant.
    /// - Throws: ``SheafError`` `not_found`; `already_ended` if it was notified, suppressed for another reason or is dead.
    public func retract(_ id: String, source: String? = nil) async throws {
        // Between reading and retracting, another process may move the event from window to window.
        for _ in 1...RetryPolicy.retraction.maxAttempts {
            let stored = try await stored(id, source: source)
            switch stored.status {
            case .suppressed where stored.reason == Retraction.reason: return
            case .processed, .suppressed, .dead:
                throw SheafError(.alreadyEnded, "the event has ended: it is \(stored.status.name)")
            case .new: break
            }
            let own = stored.event
            let retracted = try await store.transaction("retract") { try $0.retract([own.id]) }
            guard retracted.isEmpty else {
                counts?.finished(.suppressed, 1)
                finishes.suppressed(1, type: own.type)
                return
            }
        }
        throw SheafError(.unavailable, "the event kept moving between windows; try again", retryAfter: .seconds(1))
    }

    /// - Throws: ``SheafError`` `not_found`.
    private func stored(_ id: String, source: String?) async throws -> StoredEvent {
        guard Self.canExist(eventID: id), source?.utf8.contains(0) != true,
            let stored = try await store.event(publicID: id, source: source)
        else { throw SheafError.notFound("event") }
        return stored
    }

    /// A page of the recipient's events, newest first.
    /// - Throws: ``SheafError`` `invalid` for a limit out of range or an invalid cursor.
    public func events(
        of recipient: RecipientID, after cursor: String? = nil, limit: Int? = nil
    ) async throws -> PageDocument<RecipientEventDocument> {
        let page = try await store.events(
            of: recipient, after: readCursor(cursor), limit: PageLimit.events.checked(limit))
        var items: [RecipientEventDocument] = []
        for item in page.items {
            var (key, closesAt) = (item.window, item.closesAt)
            if item.stored.status == .new, item.stored.window == nil {
                key = isDebounced(item.stored.event) ? item.stored.event.windowKey : nil
                if case .window(let window) = await waiting(item.stored) { closesAt = window.closesAt }
            }
            items.append(
                RecipientEventDocument(
                    event: item.stored, type: typeName(item.stored.event.type), window: key.map(catalog.text(of:)),
                    closesAt: closesAt, delivery: item.delivery))
        }
        return PageDocument(items: items, next: page.next?.description)
    }

    /// Erases everything that is stored about the recipient.
    ///
    /// It works in batches, so that nobody waits long for the writer. Windows outside the store come last; the events
    /// they still name are gone by then. Repeating this is harmless.
    public func erase(recipient: RecipientID) async throws {
        // Look again while rows are found; but not for ever, since events may keep coming in.
        var looks = 3
        while looks > 0 {
            let count = try await store.transaction("erase") {
                try $0.erase(recipient: recipient, limit: Self.erasureBatch)
            }
            if count < Self.erasureBatch { looks = count == 0 ? 0 : looks - 1 }
        }
        try await debouncer?.erase(recipient: recipient)
    }

    /// The maximum rows of a kind that one transaction erases.
    private static let erasureBatch = 1000

    /// Whether `id` can belong to an accepted event; if not, the store is not asked.
    private static func canExist(eventID id: String) -> Bool {
        !id.isEmpty && id.unicodeScalars.count <= IncomingEvent.maximumIDLength && !id.utf8.contains(0)
    }

    private func endedWindow(of stored: StoredEvent) async throws -> EndedWindow? {
        guard let id = stored.window else { return nil }
        return try await store.endedWindow(id)
    }

    private func isDebounced(_ event: Event) -> Bool {
        catalog.type(code: event.type)?.delivery.collects ?? false
    }

    /// The key of the window in which the event waits or waited; `nil` if it was alone.
    private func windowKey(
        of stored: StoredEvent, _ ended: EndedWindow?, _ waiting: EventHistory.Waiting?
    ) -> WindowKey? {
        if let ended { return ended.isAlone ? nil : ended.span.key }
        return switch waiting {
        case .window(let window): window.isAlone ? nil : window.key
        case .turn: nil
        case .noWindow, .unknown, nil: isDebounced(stored.event) ? stored.event.windowKey : nil
        }
    }

    /// Where the event waits. If windows outside the store cannot be read, this still reports what the store knows.
    private func waiting(_ stored: StoredEvent) async -> EventHistory.Waiting {
        do {
            if let id = stored.window { return try await store.liveWindow(id).map { .window($0) } ?? .turn }
            // Includes types that are immediate by now: a window closes by the policy under which it was opened.
            let window = try await debouncer?.window(of: stored.event.id, key: stored.event.windowKey)
            return window.map { .window($0) } ?? (isDebounced(stored.event) ? .noWindow : .turn)
        } catch {
            return .unknown
        }
    }
}
