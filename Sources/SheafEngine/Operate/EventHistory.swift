import SheafCore

/// What is stored about one event, from which its history is written.
struct EventHistory {
    let event: StoredEvent
    /// The event's window, if it has ended.
    let window: EndedWindow?
    let notification: UserNotification?
    let attempts: [DeliveryAttempt]
    /// Why the first of them came late, if an earlier notification of the recipient held it back.
    let heldBack: HeldBack?
    let notes: [HistoryNote]
    /// What clients call the event that took it back, if one did.
    let retractor: String?
    let waiting: Waiting?
    let catalog: EventCatalog
    let now: Timestamp

    /// Where an event that is `new` waits.
    enum Waiting {
        /// For its turn: it is notified as soon as a worker is free.
        case turn
        case window(LiveWindow)
        /// For a window: it needs one and is in none yet.
        case noWindow
        /// Unknown: the windows cannot be read.
        case unknown
    }

    /// An earlier notification of the recipient was being retried.
    enum HeldBack {
        case still
        case until(Timestamp, behind: NotificationID)
    }

    /// The steps, oldest first.
    var steps: [HistoryStep] {
        let steps = received + notedSteps + waitingSteps + boundSteps + heldSteps + deliverySteps + deadSteps
        return steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}

// MARK: - Steps

extension EventHistory {
    private var received: [HistoryStep] {
        [HistoryStep(at: event.event.receivedAt, step: .received, detail: "received from \(event.event.source)")]
    }

    private var waitingSteps: [HistoryStep] {
        guard event.status == .new, let waiting else { return [] }
        let key = catalog.text(of: event.event.windowKey)
        // From its last redrive or rescue, if there was one.
        let received = notes.last?.at ?? event.event.receivedAt
        return switch waiting {
        case .turn:
            [HistoryStep(at: received, step: .waiting, detail: "waiting for its turn to be notified of")]
        case .noWindow:
            [HistoryStep(at: received, step: .waiting, detail: "waiting to be put into window \(key)")]
        case .unknown:
            [
                HistoryStep(
                    at: received, step: .waiting,
                    detail: "waiting in window \(key), which cannot be looked up at the moment")
            ]
        case .window(let window) where window.waitsFor == .service:
            [
                HistoryStep(
                    at: received, step: .waiting,
                    detail: "waiting until \(window.closesAt) for a service that fails")
            ]
        case .window(let window) where window.isAlone:
            [HistoryStep(at: received, step: .waiting, detail: "waiting for its turn to be notified of")]
        case .window(let window): steps(waitingIn: window, key: key, since: received)
        }
    }

    private func steps(waitingIn window: LiveWindow, key: String, since received: Timestamp) -> [HistoryStep] {
        let opened = HistoryStep(at: window.openedAt, step: .windowOpened, detail: "window \(key) opened")
        let others = Self.others(window.events - 1)
        guard window.closesAt > now else {
            return [
                opened,
                HistoryStep(
                    at: window.closesAt, step: .windowClosed,
                    detail: "window \(key) closed; waiting in it\(others) to be digested"),
            ]
        }
        return [
            opened,
            HistoryStep(
                at: max(received, window.openedAt), step: .waiting,
                detail: "waiting in window \(key)\(others) until \(window.closesAt)"),
        ]
    }

    private var notedSteps: [HistoryStep] {
        notes.compactMap { note -> HistoryStep? in
            switch (note.step, note.subject) {
            // It is the reason of the step by which the event ends.
            case (.retracted, _): nil
            case (.dead, _):
                HistoryStep(at: note.at, step: .dead, detail: "dead-lettered: \(Self.words(note.reason))")
            case (.redriven, .event):
                HistoryStep(at: note.at, step: .redriven, detail: "redriven: it is tried again")
            case (.redriven, .notification):
                HistoryStep(at: note.at, step: .redriven, detail: "notification redriven: its delivery is tried again")
            case (.swept, .notification):
                HistoryStep(
                    at: note.at, step: .swept,
                    detail: "the message that sends the notification was lost, and republished")
            case (.swept, .event):
                HistoryStep(at: note.at, step: .swept, detail: "its message was lost, and republished")
            case (.replayed, _):
                HistoryStep(
                    at: note.at, step: .replayed,
                    detail: "composed again by a replay into notification "
                        + (note.notification?.description ?? "unknown"))
            }
        }
    }

    private var boundSteps: [HistoryStep] {
        guard let window, event.status == .processed || event.status == .suppressed else { return [] }
        var steps: [HistoryStep] = []
        if !window.isAlone {
            let key = catalog.text(of: window.span.key)
            let events = Self.counted(window.events, "event")
            steps = [
                HistoryStep(at: window.span.openedAt, step: .windowOpened, detail: "window \(key) opened"),
                HistoryStep(
                    at: window.span.closesAt, step: .windowClosed, detail: "window \(key) closed with \(events)"),
            ]
        }
        steps += lateSteps(of: window)
        if event.status == .processed {
            let others = Self.others((notification?.eventCount ?? window.events) - 1)
            let detail = others.isEmpty ? "digested by itself" : "digested\(others)"
            let notification = event.notificationID?.description ?? "unknown"
            steps.append(
                HistoryStep(
                    at: window.endedAt, step: .bound,
                    detail: "\(detail) into notification \(notification)"))
        } else {
            // Only the window's events without an outcome of their own share its reason.
            let others = window.reason == event.reason ? Self.others(window.events - 1) : ""
            steps.append(
                HistoryStep(
                    at: event.finishedAt ?? window.endedAt, step: .suppressed,
                    detail: "suppressed\(others), with no notification: \(reason)"
                        + (retractor.map { " by event \($0)" } ?? "")))
        }
        return steps
    }

    /// Why the window ended later than it closed.
    private func lateSteps(of window: EndedWindow) -> [HistoryStep] {
        let since = max(window.span.closesAt, event.event.receivedAt)
        let tries = "tried \(Self.counted(window.attempts, "time"))"
        let detail: String
        switch window.waitedFor {
        case .service: detail = "waited \((window.endedAt - since).words) for a service that failed; \(tries)"
        case nil where window.attempts > 1: detail = "\(tries): workers ended, or lost it, while they held it"
        case .daily, .quietHours, .cap, nil: return []
        }
        return [HistoryStep(at: since, step: .waiting, detail: detail)]
    }

    private var heldSteps: [HistoryStep] {
        guard let notification, let heldBack else { return [] }
        let detail =
            switch heldBack {
            case .still: "held back behind an earlier notification of the recipient, whose delivery is being retried"
            case .until(let end, let other):
                "held back until \(end) behind notification \(other) of the recipient, whose delivery was being retried"
            }
        return [HistoryStep(at: notification.createdAt, step: .waiting, detail: detail)]
    }

    private var deliverySteps: [HistoryStep] {
        guard let notification else { return [] }
        var steps = attempts.map { HistoryStep(at: $0.at, step: .attempt, detail: Self.detail(of: $0)) }
        if let deliveredAt = notification.deliveredAt {
            steps.append(HistoryStep(at: deliveredAt, step: .delivered, detail: "delivered to the gateway"))
        }
        if notification.status == .failed {
            let count = Self.counted(attempts.count, "attempt")
            steps.append(
                HistoryStep(
                    at: attempts.last?.at ?? notification.createdAt, step: .failed,
                    detail: "delivery failed after \(count); a dead letter holds the notification"))
        }
        if let readAt = notification.readAt {
            steps.append(HistoryStep(at: readAt, step: .read, detail: "read by the recipient"))
        }
        return steps
    }

    private var deadSteps: [HistoryStep] {
        guard event.status == .dead else { return [] }
        return [
            HistoryStep(
                at: event.finishedAt ?? event.event.receivedAt, step: .dead,
                detail: "dead-lettered: \(reason)")
        ]
    }
}

// MARK: - Texts

extension EventHistory {
    /// The stable reason, written as text.
    private var reason: String { Self.words(event.reason) }

    private static func words(_ reason: String?) -> String {
        reason.map { $0.split(separator: "_").joined(separator: " ") } ?? "no reason given"
    }

    private static func detail(of attempt: DeliveryAttempt) -> String {
        let circumstances = [attempt.httpStatus.map { "HTTP \($0)" }, attempt.error].compactMap(\.self)
        let suffix = circumstances.isEmpty ? "" : " (\(circumstances.joined(separator: ", ")))"
        let outcome =
            switch attempt.outcome {
            case .delivered: "delivered"
            case .retry: "failed, to be tried again"
            case .failed: "failed for good"
            }
        return "delivery attempt \(attempt.number) \(outcome)\(suffix)"
    }

    /// ` with 9 other events`, or nothing if there is no other.
    private static func others(_ count: Int) -> String { count > 0 ? " with \(counted(count, "other event"))" : "" }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension Duration {
    /// In whole seconds: `2 h 5 min 7 s`.
    fileprivate var words: String {
        let seconds = components.seconds
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")].filter { $0.0 > 0 }
        return parts.isEmpty ? "less than a second" : parts.map { "\($0) \($1)" }.joined(separator: " ")
    }
}
