public import SheafCore

/// Delivers everything at once, to nobody: for benchmarks.
public struct NullGateway: Gateway {
    public init() {}

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        .delivered(httpStatus: nil)
    }
}
