/// The limits of the API.
public struct APILimits: Hashable, Sendable {
    /// The maximum events of a request.
    public var events: Int
    /// The maximum bytes of a request's body.
    public var bodyBytes: Int
    /// The maximum bytes of bodies held at once, over all requests; further requests are refused.
    public var bodyBytesHeld: Int
    /// How long a body may take to arrive. A client that sends nothing at all is disconnected after ``idleTimeout``.
    public var bodyTimeout: Duration
    /// How long a connection may stay silent.
    public var idleTimeout: Duration
    /// How long a client may continue to send a request that was already answered, so that it can read the response;
    /// also how long a request may continue to arrive once the server shuts down.
    public var lingerTimeout: Duration
    /// How long a connection without a request may still make one, once the server shuts down and accepts no new
    /// connections.
    public var lastRequestTimeout: Duration
    /// How long a client may read nothing of a response before it is disconnected.
    public var writeTimeout: Duration
    /// The maximum open connections; further ones wait to be accepted. It is lower if the process may not open that
    /// many files and a third more.
    public var connections: Int
    /// The maximum concurrent requests; further ones are refused.
    public var concurrentRequests: Int
    /// The maximum open streams; further ones are refused.
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
