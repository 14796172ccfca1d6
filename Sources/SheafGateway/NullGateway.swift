public import SheafCore

/// Accepts everything at once and delivers nothing: for benchmarks.
public struct NullGateway: Gateway {
    public init() {}

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        .delivered(httpStatus: nil)
    }
}
