public import AsyncHTTPClient
import FoundationEssentials
public import Instrumentation
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceCalls
public import SheafCore

/// The Communications Gateway over HTTP: one `POST {url}/v1/notifications` for each notification, signed by [Standard
/// Webhooks](https://www.standardwebhooks.com) if a secret is set.
public struct HTTPGateway: Gateway {
    /// How long to wait for the rest of a response whose status is known.
    static let answerPatience = Duration.seconds(1)

    private let client: HTTPClient
    /// What all requests have in common.
    private let request: Result<HTTPClient.Request, any Error>
    private let secret: SigningSecret?
    private let timeout: Duration
    private let propagator: (any Instrument)?
    private let wallClock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - secret: signs the requests; `nil` for unsigned ones.
    ///   - timeout: how long to wait for the status of a response, including connecting. The caller must not send more
    ///     requests at once than the client opens connections, since waiting for a connection counts.
    ///   - client: should be configured with ``clientConfiguration(inFlight:)``, or it is slower to notice failures;
    ///     the caller shuts it down.
    ///   - propagator: adds the current span of a traced request to its headers. Without one, each request gets a span
    ///     of its own within its notification's trace, which nobody records.
    ///   - wallClock: the time that receivers compare with their own clocks.
    public init(
        url: HTTPURL, secret: SigningSecret? = nil, timeout: Duration = .seconds(10), client: HTTPClient,
        propagator: (any Instrument)? = nil, wallClock: @escaping @Sendable () -> Timestamp = { .ofHost }
    ) {
        request = Result {
            try HTTPClient.Request(
                url: url.endpoint("/v1/notifications"), method: .POST,
                headers: ["content-type": "application/json", "user-agent": "sheaf"])
        }
        self.secret = secret
        self.timeout = timeout
        self.client = client
        self.propagator = propagator
        self.wallClock = wallClock
    }

    /// The client settings for a gateway: no redirects, and a refused connection fails at once, since attempts are
    /// retried here with a backoff of their own. Each request needs its own connection, so HTTP/2 is off: its server
    /// limits the requests on a connection, and the others would wait.
    ///
    /// - Parameter inFlight: the maximum concurrent requests.
    public static func clientConfiguration(inFlight: Int) -> HTTPClient.Configuration {
        clientConfiguration(inFlight: inFlight, staleAfter: IdleConnectionHandler.shortestKeepAlive)
    }

    static func clientConfiguration(inFlight: Int, staleAfter rest: TimeAmount) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // A request's span is the caller's.
        configuration.tracing.tracer = nil
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = inFlight
        // Servers commonly close idle connections after 5 s or more; close them here before that.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.http1_1ConnectionDebugInitializer = { IdleConnectionHandler.watch($0, staleAfter: rest) }
        return configuration
    }

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        do {
            let request = try request(for: notification, type: type)
            let answer = try await execute(request, deadline: .now() + TimeAmount(min(timeout, .seconds(86_400))))
            return outcome(of: answer)
        } catch {
            return .failed(httpStatus: nil, error: Self.text(of: error), after: nil)
        }
    }

    /// Sends a request again at once, but only once, if the gateway had closed the idle connection. This is part of the
    /// same attempt; the idempotency key makes it safe (RFC 9110, 9.2.2).
    private func execute(_ request: HTTPClient.Request, deadline: NIODeadline) async throws -> Exchange.Answer {
        let patience = TimeAmount(min(timeout, Self.answerPatience))
        do {
            return try await Exchange(patience: patience).run(request, on: client, deadline: deadline)
        } catch is StaleConnection {
            return try await Exchange(patience: patience).run(request, on: client, deadline: deadline)
        }
    }

    // MARK: Request

    private func request(for notification: UserNotification, type: String) throws -> HTTPClient.Request {
        let encoder = JSONEncoder()
        // A notification has the same bytes in every attempt.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(NotificationDocument(notification, type: type, showsState: false))
        let id = notification.id.description
        var request = try request.get()
        request.headers.add(name: "idempotency-key", value: id)
        request.headers.addWebhook(id: id, at: wallClock(), body: body, secret: secret)
        RequestTrace(of: notification).add(to: &request.headers, from: propagator)
        request.body = .byteBuffer(ByteBuffer(bytes: body))
        return request
    }

    // MARK: Answer

    private func outcome(of answer: Exchange.Answer) -> GatewayOutcome {
        let head = answer.head
        // A client that follows redirects may have changed the request to GET, so its last response is meaningless.
        guard !answer.isRedirect else {
            return .refused(httpStatus: Int(head.status.code), error: "the gateway redirected the request")
        }
        let status = Int(head.status.code)
        let retryAfter = head.headers["retry-after"]
        if (200..<300).contains(status) { return .delivered(httpStatus: status) }
        let error = "the gateway answered \(status)"
        // A status below 200 is no final response. 409: an attempt with the same key is still in progress.
        let mayPass = status < 200 || status >= 500 || [408, 409, 423, 425, 429].contains(status)
        guard mayPass || !retryAfter.isEmpty else { return .refused(httpStatus: status, error: error) }
        let after = RetryAfter.duration(
            retryAfter, date: head.headers.first(name: "date"), now: wallClock(),
            atMost: RetryAfter.longestOfGateway)
        return .failed(httpStatus: status, error: error, after: after)
    }

    /// The error's text; holds nothing of the request or the response.
    private static func text(of error: any Error) -> String {
        switch error {
        case is StaleConnection: "the gateway closed the connection"
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .connectTimeout, .readTimeout: "the gateway did not answer in time"
            case .cancelled: "cancelled"
            case .remoteConnectionClosed: "the gateway closed the connection"
            default: "no answer from the gateway: \(error.shortDescription)"
            }
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { text(of: $0.error) } ?? "the gateway's name has no address"
        case let error as IOError:
            switch POSIXErrorCode(rawValue: error.errnoCode) {
            case .ECONNREFUSED: "the gateway refused the connection"
            case .ECONNRESET, .EPIPE: "the gateway closed the connection"
            default: "the connection to the gateway failed (errno \(error.errnoCode))"
            }
        default: "no answer from the gateway: \(type(of: error))"
        }
    }
}
