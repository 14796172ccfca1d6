import SheafCore

extension PostgresTransaction {
    func digest(_ digests: [Digest]) throws -> Set<NotificationID> {
        guard !digests.isEmpty else { return [] }
        var claimed: Set<WindowID> = []
        var relayed: [EventID] = []
        for digest in digests {
            switch digest.source {
            case .claim(let id, _, _): claimed.insert(id)
            case .relayed: relayed += digest.events
            }
        }
        let relayedDigests = digests.count { $0.source == .relayed }
        let answers = try exchange([
            WindowRow.lock(claimed), Self.lockUnassigned(relayed), WindowPlacing.numbers(relayedDigests),
        ])
        var windows: [WindowID: WindowRow] = [:]
        for row in answers[0] {
            let row = try WindowRow(row)
            windows[row.id] = row
        }
        var assigning = try EventAssigning(free: answers[1], numbers: answers[2])
        var ended: [(digest: Digest, window: WindowID)] = []
        for digest in digests {
            switch digest.source {
            case .claim(let id, let token, let revision):
                // Removed here, so that no second digest of the batch ends it.
                guard let row = windows[id], row.isHeld(by: token), row.revision == revision,
                    row.events == digest.events.count
                else { continue }
                windows[id] = nil
                ended.append((digest, id))
                counts += StoreCounts(events: -row.events, windows: row.isShown ? -1 : 0)
            case .relayed:
                if let id = assigning.assign(digest.events) { ended.append((digest, id)) }
            }
        }
        let gone = ended.filter { $0.digest.source != .relayed }.map(\.window)
        if !gone.isEmpty { session.later(WindowRow.delete(gone)) }
        write(assigning)
        try store(ended.filter { !$0.digest.events.isEmpty })
        return Set(ended.map(\.digest.id))
    }

    private func store(_ ended: [(digest: Digest, window: WindowID)]) throws {
        guard !ended.isEmpty else { return }
        let now = try currentMoment()
        let keys = ended.map(\.digest.window.key)
        let ranges = ended.map { EventRange($0.digest.events) }
        session.later(
            """
            INSERT INTO ended_windows
                (id, type, recipient, key_part, alone, opened_at, closes_at, ended_at, events, notification, reason,
                 first_event, last_event)
            SELECT id, type, recipient, key_part, alone, opened_at, closes_at, \(now), events, notification, reason,
                first_event, last_event
            FROM unnest(
                \(ended.map(\.window)), \(keys.map(\.type)), \(keys.map(\.recipient)), \(keys.map(\.part)),
                \(ended.map(\.digest.isAlone)), \(ended.map(\.digest.window.openedAt)),
                \(ended.map(\.digest.window.closesAt)), \(ended.map(\.digest.events.count)),
                \(ended.map { $0.digest.reason == nil ? $0.digest.id : nil }), \(ended.map(\.digest.reason)),
                \(ranges.map(\.first)), \(ranges.map(\.last))
            ) AS n (id, type, recipient, key_part, alone, opened_at, closes_at, events, notification, reason,
                first_event, last_event)
            """)
        try insert(ended.compactMap { NewNotification($0.digest, of: $0.window) })
        write(ended.flatMap { digest, window in digest.exceptions.map { ($0, window) } }, at: now)
    }

    private func write(_ exceptions: [(exception: EventException, window: WindowID)], at now: Timestamp) {
        guard !exceptions.isEmpty else { return }
        let exceptions = exceptions.sorted { $0.exception.event < $1.exception.event }
        let range = EventRange(exceptions.map(\.exception.event))
        session.later(
            """
            UPDATE events SET status = x.status, reason = x.reason, finished_at = \(now)
            FROM unnest(
                \(exceptions.map(\.exception.event)), \(exceptions.map(\.window)),
                \(exceptions.map(\.exception.status.rawValue)), \(exceptions.map(\.exception.reason))
            ) AS x (id, "window", status, reason)
            WHERE events.id = x.id AND events."window" = x."window"
                AND events.id BETWEEN \(range.first) AND \(range.last)
            """)
    }

    /// Stores notifications with the messages that send them.
    func insert(_ notifications: [NewNotification]) throws {
        guard !notifications.isEmpty else { return }
        counts.pending += notifications.count
        session.later(
            """
            INSERT INTO notifications
                (id, recipient, type, list_title, list_description, full_title, full_text, event_count, trace,
                 "window", url, locale, category, importance, created_at)
            SELECT *, \(try currentMoment()) FROM unnest(
                \(notifications.map(\.id)), \(notifications.map(\.recipient)), \(notifications.map(\.type)),
                \(notifications.map(\.content.listTitle)), \(notifications.map(\.content.listDescription)),
                \(notifications.map(\.content.fullTitle)), \(notifications.map(\.content.fullText)),
                \(notifications.map(\.eventCount)), \(notifications.map(\.traceParent)),
                \(notifications.map(\.window)), \(notifications.map(\.content.url)), \(notifications.map(\.content.locale)),
                \(notifications.map(\.content.storedCategory)), \(notifications.map(\.content.storedImportance)))
            """)
        try publish(notifications.map { QueueMessage(key: $0.recipient, body: .notification($0.id)) })
    }
}

/// The stored values of a new notification.
struct NewNotification {
    let id: NotificationID
    let recipient: RecipientID
    let type: EventTypeCode
    let content: NotificationContent
    let eventCount: Int
    let traceParent: String?
    /// `nil` for a notification of a replay.
    let window: WindowID?

    /// `nil` if the digest has no notification.
    init?(_ digest: Digest, of window: WindowID) {
        guard case .notification(let content) = digest.composition else { return nil }
        id = digest.id
        (recipient, type) = (digest.window.key.recipient, digest.window.key.type)
        self.content = content
        (eventCount, traceParent, self.window) = (digest.eventCount, digest.traceParent, window)
    }

    init(_ digest: ReplayedDigest) {
        id = digest.id
        (recipient, type, content) = (digest.recipient, digest.type, digest.content)
        (eventCount, traceParent, window) = (digest.events.count, digest.traceParent, nil)
    }
}
