/// A connection that a ``ConnectionPool`` can hold.
public protocol PooledConnection: AnyObject, Sendable {
    /// Whether it can be used again. After a failure, or in the middle of a response, it cannot.
    nonisolated var isUsable: Bool { get }

    /// Pings the server.
    /// - Throws: if it does not respond; the connection can then no longer be used.
    func ping() async throws

    /// Ends the connection. Called once.
    func close() async
}
