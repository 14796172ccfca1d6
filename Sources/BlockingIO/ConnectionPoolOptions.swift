public import SheafCore

/// How a ``ConnectionPool`` behaves.
public struct ConnectionPoolOptions: Sendable {
    /// The most connections that are open at once.
    public var size: Int
    /// How long a caller waits for a connection to become free.
    public var maximumWait: Duration
    /// How often connections that lie idle are asked for a sign of life.
    public var probeInterval: Duration
    /// How far apart attempts at connecting are while the server is away.
    public var reconnect: RetryPolicy

    public init(
        size: Int, maximumWait: Duration = .seconds(10), probeInterval: Duration = .seconds(10),
        reconnect: RetryPolicy = RetryPolicy(maxAttempts: .max, base: .milliseconds(100), cap: .seconds(5))
    ) {
        self.size = max(1, size)
        self.maximumWait = maximumWait
        self.probeInterval = probeInterval
        self.reconnect = reconnect
    }
}
