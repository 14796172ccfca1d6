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
        var ended: [EndedDigest] = []
        for digest in digests {
            switch digest.source {
            case .claim(let id, let token, let revision):
                // Removed here, so that no second digest of the batch ends it.
                guard let row = windows[id], row.isHeld(by: token), row.revision == revision,
                    row.events == digest.events.count
                else { continue }
                windows[id] = nil
                ended.append(EndedDigest(digest: digest, window: id, waitedFor: row.waitedFor))
                counts += StoreCounts(events: -row.events, windows: row.isShown ? -1 : 0)
            case .relayed:
                if let id = assigning.assign(digest.events) {
                    ended.append(EndedDigest(digest: digest, window: id, waitedFor: nil))
                }
            }
        }
        let gone = ended.filter { $0.digest.source != .relayed }.map(\.window)
        if !gone.isEmpty { session.later(WindowRow.delete(gone)) }
        write(assigning)
        try store(ended.filter { !$0.digest.events.isEmpty })
        return Set(ended.map(\.digest.id))
    }

    private func store(_ ended: [EndedDigest]) throws {
        guard !ended.isEmpty else { return }
        let now = try currentMoment()
        session.later(
            EndedWindowRow.insertion(
                ended.map { end in
                    let digest = end.digest
                    return EndedWindowRow(
                        window: EndedWindow(
                            id: end.window, span: digest.window, isAlone: digest.isAlone, events: digest.events.count,
                            endedAt: now, notification: digest.reason == nil ? digest.id : nil, reason: digest.reason,
                            attempts: digest.attempts, waitedFor: end.waitedFor),
                        range: EventRange(digest.events))
                }))
        try insert(ended.compactMap { NotificationRow($0.digest, of: $0.window, at: now) })
        write(ended.flatMap { end in end.digest.exceptions.map { ($0, end.window) } }, at: now)
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
    func insert(_ notifications: [NotificationRow]) throws {
        guard !notifications.isEmpty else { return }
        counts.pending += notifications.count
        session.later(NotificationRow.insertion(notifications))
        try publish(notifications.map { QueueMessage(key: $0.recipient, body: .notification($0.id)) })
    }
}

/// A digest with the window that it ends.
private struct EndedDigest {
    let digest: Digest
    let window: WindowID
    let waitedFor: WaitReason?
}
