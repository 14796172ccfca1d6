public import SheafCore

/// How services are called.
public struct ServiceOptions: Hashable, Sendable {
    /// The longest a request may take, its answer's body included.
    public let timeout: Duration
    /// How often a request is tried before its caller gets the error.
    public let retry: RetryPolicy
    /// The longest `Retry-After` that is waited for; a longer one ends the attempts, and the caller gets it, a minute
    /// at most.
    public let longestRetryAfter: Duration
    /// The most ids of one request.
    public let idsPerRequest: Int
    /// The most requests of one call under way at once.
    public let concurrency: Int
    /// The most requests of all calls to one service under way at once; others wait, and that counts to no time-out.
    public let inFlight: Int
    /// The largest body of an answer, in bytes.
    public let largestAnswer: Int

    public init(
        timeout: Duration = .seconds(5),
        retry: RetryPolicy = .service,
        longestRetryAfter: Duration = .seconds(5), idsPerRequest: Int = 100, concurrency: Int = 8,
        inFlight: Int = 32, largestAnswer: Int = 1 << 20
    ) {
        self.timeout = timeout
        self.retry = retry
        self.longestRetryAfter = longestRetryAfter
        self.idsPerRequest = max(1, idsPerRequest)
        self.concurrency = max(1, concurrency)
        self.inFlight = max(1, inFlight)
        self.largestAnswer = largestAnswer
    }
}
