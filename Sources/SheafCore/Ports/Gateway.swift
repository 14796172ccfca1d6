/// The Communications Gateway that reaches the person.
public protocol Gateway: Sendable {
    /// Hands one notification over, once. Failures are an outcome, not an error, since each is recorded.
    ///
    /// - Parameter type: the event type's name.
    func send(_ notification: UserNotification, type: String) async -> GatewayOutcome
}

/// What the gateway answered.
public enum GatewayOutcome: Hashable, Sendable {
    case delivered(httpStatus: Int?)
    /// It may succeed later. `after` is what the gateway asked to wait.
    case failed(httpStatus: Int?, error: String, after: Duration?)
    /// It will never be taken.
    case refused(httpStatus: Int?, error: String)
}
