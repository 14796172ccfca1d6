/// How the sandbox behaves.
public struct SandboxOptions: Hashable, Sendable {
    public let host: String
    /// 0 takes a free one.
    public let port: Int
    /// The share of requests that are answered 503, from 0 to 1. About half of them are carried out all the
    /// same, as though its answer got lost on the way.
    public let failureRate: Double
    /// The longest an answer is held back; each is by between half of it and the whole.
    public let latency: Duration
    /// What failures and latencies are drawn from: the same seed and requests give the same ones.
    public let seed: UInt64
    /// How many notifications are kept; older ones are forgotten, and their keys with them.
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
