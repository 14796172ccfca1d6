/// A connection that a ``ConnectionPool`` can hold.
public protocol PooledConnection: AnyObject, Sendable {
    /// Whether it can be used again. A connection that failed, or stopped in the middle of an answer, cannot.
    nonisolated var isUsable: Bool { get }

    /// Asks the server for a sign of life.
    /// - Throws: if there is none; the connection is then not usable any more.
    func ping() async throws

    /// Ends the connection. Called once.
    func close() async
}
