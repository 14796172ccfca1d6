/// One attempt at sending a notification to the gateway.
public struct DeliveryAttempt: Hashable, Sendable {
    /// Counted from 1.
    public let number: Int
    public let at: Timestamp
    public let outcome: Outcome
    /// The HTTP status, if there was a response.
    public let httpStatus: Int?
    /// What went wrong, without payload or secret.
    public let error: String?

    /// The raw value is stored and shown.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case delivered
        /// It will be retried.
        case retry
        /// It will not be retried: the gateway refused it, or its attempts are used up.
        case failed
    }

    public init(number: Int, at: Timestamp, outcome: Outcome, httpStatus: Int?, error: String?) {
        self.number = number
        self.at = at
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.error = error
    }
}

extension DeliveryAttempt.Outcome {
    /// The new status of a pending notification; `nil` if it stays pending.
    public var status: UserNotification.Status? {
        switch self {
        case .delivered: .delivered
        case .failed: .failed
        case .retry: nil
        }
    }
}

/// The result of an attempt, to be recorded with its notification.
public struct DeliveryRecord: Hashable, Sendable {
    public let notification: NotificationID
    public let attempt: DeliveryAttempt
    /// How many attempts there were since the notification was composed or redriven, this one included.
    public let tries: Int

    /// - Parameter tries: `nil` if it was never redriven.
    public init(notification: NotificationID, attempt: DeliveryAttempt, tries: Int? = nil) {
        self.notification = notification
        self.attempt = attempt
        self.tries = tries ?? attempt.number
    }
}

/// A notification that a message asks to send, and whether it is its turn.
public struct DeliveryTurn: Hashable, Sendable {
    public let notification: UserNotification
    /// Its place in the order of its recipient's notifications: its own id or, after a redrive, an id made then.
    public let place: NotificationID
    /// How many attempts are recorded since it was composed or redriven. A message of an earlier attempt is a copy.
    public let tries: Int
    /// The place of its recipient's first notification that is being retried or waits; `nil` if there is none.
    public let first: NotificationID?

    public init(
        notification: UserNotification, place: NotificationID? = nil, tries: Int = 0, first: NotificationID? = nil
    ) {
        self.notification = notification
        self.place = place ?? notification.id
        self.tries = tries
        self.first = first
    }

    /// Whether an earlier notification of its recipient is being retried or waits.
    public var isBehind: Bool { first.map { $0 < place } ?? false }
}
