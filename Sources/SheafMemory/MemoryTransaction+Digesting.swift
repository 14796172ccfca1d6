import SheafCore

extension MemoryTransaction {
    func digest(_ digests: [Digest]) throws -> Set<NotificationID> {
        var stored: Set<NotificationID> = []
        for digest in digests {
            guard let (window, waitedFor) = take(digest) else { continue }
            stored.insert(digest.id)
            if !digest.events.isEmpty { store(digest, ending: window, waitedFor) }
        }
        return stored
    }

    /// Removes the digest's window from the live ones, or creates a window for its events.
    /// - Returns: the window, and for what it waited; `nil` if another transaction has changed or ended it.
    private func take(_ digest: Digest) -> (WindowID, WaitReason?)? {
        switch digest.source {
        case .claim(let id, let token, let revision):
            guard let window = tables.windows[id], window.token == token, window.revision == revision,
                window.state.events == digest.events.count
            else { return nil }
            set(nil, for: id)
            return (id, window.waitedFor)
        case .relayed: return assign(digest.events).map { ($0, nil) }
        }
    }

    /// Assigns events that have neither a window nor an outcome to a new window.
    private func assign(_ events: [EventID]) -> WindowID? {
        guard events.allSatisfy(tables.unassigned.contains) else { return nil }
        let id = newWindowID()
        for event in events {
            guard var row = tables.events[event] else { continue }
            row.window = id
            set(row, for: event)
        }
        return id
    }

    private func store(_ digest: Digest, ending window: WindowID, _ waitedFor: WaitReason?) {
        let notification = digest.message == nil ? nil : digest.id
        set(
            EndedWindow(
                id: window, span: digest.window, isAlone: digest.isAlone, events: digest.events.count, endedAt: now,
                notification: notification, reason: digest.reason, attempts: digest.attempts, waitedFor: waitedFor),
            for: window, in: \.ended)
        for exception in digest.exceptions {
            guard var row = tables.events[exception.event], row.window == window else { continue }
            row.outcome = MemoryEvent.Outcome(status: exception.status, reason: exception.reason, at: now)
            set(row, for: exception.event)
        }
        guard case .notification(let content) = digest.composition else { return }
        let key = digest.window.key
        store(
            UserNotification(
                id: digest.id, recipient: key.recipient, type: key.type, content: content,
                eventCount: digest.eventCount, createdAt: now, traceParent: digest.traceParent),
            about: .window(window))
    }

    /// Stores the notification with the message that sends it.
    func store(_ notification: UserNotification, about subject: NotificationSubject) {
        set(notification, for: notification.id, in: \.notifications)
        set(subject, for: notification.id, in: \.subjects)
        outbox.append(.publish(QueueMessage(key: notification.recipient, body: .notification(notification.id))))
    }

    func adopt(_ windows: [AdoptedWindow]) throws -> Set<AdoptedWindow> {
        var adopted: Set<AdoptedWindow> = []
        for window in windows {
            guard let id = assign(window.events) else { continue }
            let span = window.span
            set(
                MemoryWindow(
                    id: id, key: span.key, isAlone: false, stage: .waiting(window.reason),
                    due: now + max(window.delay, .zero),
                    state: WindowState(
                        openedAt: span.openedAt, closesAt: span.closesAt, events: window.events.count,
                        bytes: window.bytes, leader: nil),
                    attempt: window.attempt, waitedFor: window.reason),
                for: id)
            adopted.insert(window)
            changesWindows = true
        }
        return adopted
    }
}
