import AsyncHTTPClient
import NIOHTTP1
import SheafCore

/// Why one request to a service failed.
public struct ServiceFailure: Error {
    let reason: String
    /// Whether the same request may succeed in a moment.
    let mayPass: Bool
    /// How long the service asked to be left alone, as far as that is heeded.
    let retryAfter: Duration?

    /// An answer that is not what it should be; the same request may get a better one.
    ///
    /// - Parameter why: what is wrong with it, in words that hold nothing of it.
    public static func unreadable(_ why: String? = nil) -> ServiceFailure {
        ServiceFailure("gave an answer that cannot be read" + (why.map { ": " + $0 } ?? ""))
    }

    private init(_ reason: String, mayPass: Bool = true, retryAfter: Duration? = nil) {
        self.reason = reason
        self.mayPass = mayPass
        self.retryAfter = retryAfter
    }

    /// An answer other than success.
    init(_ response: HTTPClientResponse, now: Timestamp) {
        let status = response.status.code
        let retryAfter = response.headers["retry-after"]
        self.init(
            "answered \(status)",
            mayPass: status < 200 || status >= 500 || [408, 409, 423, 425, 429].contains(status)
                || !retryAfter.isEmpty,
            retryAfter: RetryAfter.duration(retryAfter, now: now, atMost: RetryAfter.longestOfService))
    }

    /// What the client threw; `timeout` is how long it was given.
    init(_ error: any Error, timeout: Duration) {
        switch error {
        case let failure as ServiceFailure: self = failure
        case is TimeoutError: self.init(tooSlow: timeout)
        case let error as HTTPClientError where Self.timeouts.contains(error): self.init(tooSlow: timeout)
        case let error as HTTPClientError: self.init("cannot be reached: \(error.shortDescription)")
        default: self.init("cannot be reached: \(type(of: error))")
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout,
    ]

    private init(tooSlow timeout: Duration) { self.init("did not answer within \(timeout.text)") }
}
