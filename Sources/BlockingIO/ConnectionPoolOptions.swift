public import SheafCore

/// How a ``ConnectionPool`` behaves.
public struct ConnectionPoolOptions: Sendable {
    /// The maximum open connections.
    public var size: Int
    /// How long a caller waits for a connection to become free.
    public var maximumWait: Duration
    /// How often idle connections are pinged.
    public var probeInterval: Duration
    /// The waits between attempts to connect while the server cannot be reached.
    public var reconnect: RetryPolicy

    public init(
        size: Int, maximumWait: Duration = .seconds(10), probeInterval: Duration = .seconds(10),
        reconnect: RetryPolicy = .lostConnection
    ) {
        self.size = max(1, size)
        self.maximumWait = maximumWait
        self.probeInterval = probeInterval
        self.reconnect = reconnect
    }
}
