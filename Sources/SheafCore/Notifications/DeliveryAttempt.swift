/// One attempt at handing a notification to the gateway.
public struct DeliveryAttempt: Hashable, Sendable {
    /// Counted from 1.
    public let number: Int
    public let at: Timestamp
    public let outcome: Outcome
    /// The HTTP status, where there was an answer.
    public let httpStatus: Int?
    /// What went wrong, without payload or secret.
    public let error: String?

    /// The raw value is stored and shown.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case delivered
        /// It will be tried again.
        case retry
        /// It was given up.
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
    /// What a pending notification becomes by it; `nil` if it stays pending.
    public var status: UserNotification.Status? {
        switch self {
        case .delivered: .delivered
        case .failed: .failed
        case .retry: nil
        }
    }
}

/// An attempt's result as it is to be recorded with its notification.
public struct DeliveryRecord: Hashable, Sendable {
    public let notification: NotificationID
    public let attempt: DeliveryAttempt

    public init(notification: NotificationID, attempt: DeliveryAttempt) {
        self.notification = notification
        self.attempt = attempt
    }
}
