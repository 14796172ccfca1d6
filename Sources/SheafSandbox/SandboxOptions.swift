/// The behaviour of the sandbox.
public struct SandboxOptions: Hashable, Sendable {
    public let host: String
    /// 0 picks a free port.
    public let port: Int
    /// The share of requests that are answered 503, from 0 to 1. About half of them are still executed, as if the
    /// response was lost.
    public let failureRate: Double
    /// The maximum delay of a response; each is delayed by between half of it and all of it.
    public let latency: Duration
    /// The seed of failures and delays: the same seed and requests give the same ones.
    public let seed: UInt64
    /// How many notifications are kept; older ones and their keys are forgotten.
    public let keptNotifications: Int

    public init(
        host: String = "127.0.0.1", port: Int = 0, failureRate: Double = 0, latency: Duration = .zero,
        seed: UInt64 = 1, keptNotifications: Int = 10_000
    ) {
        self.host = host
        self.port = port
        self.failureRate = min(max(failureRate, 0), 1)
        self.latency = max(latency, .zero)
        self.seed = seed
        self.keptNotifications = max(keptNotifications, 1)
    }
}
