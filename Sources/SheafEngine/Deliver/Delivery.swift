import SheafCore

/// One attempt at delivering a notification, and what follows from it.
struct Delivery: Sendable {
    let notification: UserNotification
    let outcome: GatewayOutcome
    /// Counted from 1; starts again at 1 after a redrive.
    let attempt: Int
    let result: DeliveryAttempt.Outcome
    private let delay: Duration

    init(notification: UserNotification, outcome: GatewayOutcome, attempt: Int, retry: RetryPolicy) {
        self.notification = notification
        self.outcome = outcome
        self.attempt = attempt
        switch outcome {
        case .delivered:
            result = .delivered
            delay = .zero
        case .failed(_, _, let after) where retry.allowsAttempt(after: attempt):
            result = .retry
            delay = retry.delay(after: attempt, floor: after)
        case .failed, .refused:
            result = .failed
            delay = .zero
        }
    }

    /// The dead letter's reason.
    var reason: String {
        if case .failed = outcome { "attempts_used_up" } else { "refused" }
    }

    /// The message of the next attempt.
    var next: QueueMessage? {
        guard result == .retry else { return nil }
        return QueueMessage(
            key: notification.recipient, body: .notification(notification.id), attempt: attempt, delay: delay)
    }

    func record(at now: Timestamp) -> DeliveryRecord {
        DeliveryRecord(
            notification: notification.id,
            attempt: DeliveryAttempt(
                number: notification.attempts.addingClamped(1), at: now, outcome: result, httpStatus: httpStatus,
                error: error),
            tries: attempt)
    }

    func deadLetter(at now: Timestamp) -> DeadLetter? {
        guard result == .failed else { return nil }
        return DeadLetter(
            id: IdentifierGenerator.shared.next(at: now), topic: Topic.notificationSend.rawValue, reason: reason,
            error: error ?? "", message: #"{"notification_id":"\#(notification.id)"}"#,
            body: .notification(notification.id), recipient: notification.recipient, failedAt: now)
    }

    /// The HTTP status, if there was an answer.
    var httpStatus: Int? {
        switch outcome {
        case .delivered(let status), .failed(let status, _, _), .refused(let status, _): status
        }
    }

    /// What went wrong; never holds any of the notification's content.
    var error: String? {
        switch outcome {
        case .delivered: nil
        case .failed(_, let error, _), .refused(_, let error): error
        }
    }
}
