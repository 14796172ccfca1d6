/// The Communications Gateway that reaches the person.
public protocol Gateway: Sendable {
    /// Sends one notification, once. A failure is an outcome, not an error, since each is recorded.
    ///
    /// - Parameter type: the event type's name.
    func send(_ notification: UserNotification, type: String) async -> GatewayOutcome
}

/// The gateway's response.
public enum GatewayOutcome: Hashable, Sendable {
    case delivered(httpStatus: Int?)
    /// A retry may succeed. `after` is the wait that the gateway asked for.
    case failed(httpStatus: Int?, error: String, after: Duration?)
    /// The gateway will never accept it.
    case refused(httpStatus: Int?, error: String)
}
