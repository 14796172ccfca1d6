/// The bounds of what the API takes.
public struct APILimits: Hashable, Sendable {
    /// The most events one request may hold.
    public var events: Int
    /// The most bytes its body may have.
    public var bodyBytes: Int
    /// The most bytes of bodies that are held at once, over all requests; those above are turned away.
    public var bodyBytesHeld: Int
    /// How long a body may take to come. A client that sends nothing at all is cut off after ``idleTimeout``.
    public var bodyTimeout: Duration
    /// How long a connection may stay silent.
    public var idleTimeout: Duration
    /// How long a client may go on sending a request that was answered, so that it comes to read the answer; also how
    /// long a request may go on coming once the server shuts down.
    public var lingerTimeout: Duration
    /// How long a connection without a request may still make one, once the server shuts down and accepts no more.
    public var lastRequestTimeout: Duration
    /// How long nothing of an answer may be taken by the client before it is cut off.
    public var writeTimeout: Duration
    /// The most connections that are open at once; those above wait to be accepted. Fewer are, if the process may not
    /// open that many files and a third more.
    public var connections: Int
    /// The most requests answered at once; those above are turned away.
    public var concurrentRequests: Int
    /// The most streams that are open at once; those above are turned away.
    public var streams: Int

    public init(
        events: Int = 1000, bodyBytes: Int = 4 * 1024 * 1024, bodyBytesHeld: Int = 64 * 1024 * 1024,
        bodyTimeout: Duration = .seconds(30), idleTimeout: Duration = .seconds(60),
        lingerTimeout: Duration = .seconds(5), lastRequestTimeout: Duration = .milliseconds(500),
        writeTimeout: Duration = .seconds(30), connections: Int = 4096, concurrentRequests: Int = 1024,
        streams: Int = 64
    ) {
        self.events = events
        self.bodyBytes = bodyBytes
        self.bodyBytesHeld = bodyBytesHeld
        self.bodyTimeout = bodyTimeout
        self.idleTimeout = idleTimeout
        self.lingerTimeout = lingerTimeout
        self.lastRequestTimeout = lastRequestTimeout
        self.writeTimeout = writeTimeout
        self.connections = connections
        self.concurrentRequests = concurrentRequests
        self.streams = streams
    }
}
