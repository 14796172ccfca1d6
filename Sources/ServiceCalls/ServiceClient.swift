public import AsyncHTTPClient
import Foundation
public import NIOCore
import NIOHTTP1
public import SheafCore

/// Asks one service: many questions at once, each request within a time and tried again if that may help.
public struct ServiceClient: Sendable {
    /// What errors call the service: `the sales service`.
    private let name: String
    private let client: HTTPClient
    private let options: ServiceOptions
    private let slots: Slots
    private let time: any TimeSource

    /// - Parameters:
    ///   - client: what sends the requests; it must outlive this, which does not shut it down.
    ///   - slots: bounds the requests under way at once; of its own, as many as the options say, if it is left out.
    ///   - time: the clock for `Retry-After` and waits between attempts.
    public init(
        name: String, client: HTTPClient, options: ServiceOptions, slots: Slots? = nil, time: any TimeSource
    ) {
        self.name = name
        self.client = client
        self.options = options
        self.slots = slots ?? Slots(options.inFlight)
        self.time = time
    }

    /// The answer to a request: tried until it succeeds, fails for good, or has been tried often enough.
    ///
    /// - Parameters:
    ///   - request: makes it, anew for each attempt.
    ///   - read: reads the body of an answer; throws ``ServiceFailure/unreadable(_:)``.
    /// - Throws: ``SheafError`` `upstream`, or `CancellationError`.
    public func answer<Answer: Sendable>(
        to request: @escaping @Sendable () -> HTTPClientRequest,
        read: @escaping @Sendable (ByteBuffer) throws -> Answer
    ) async throws -> Answer {
        var attempt = 1
        while true {
            do {
                return try await slots.run { try await attempted(request, read) }
            } catch {
                // A cancelled request fails in many ways: none of them says anything about the service.
                try Task.checkCancellation()
                let failure = ServiceFailure(error, timeout: options.timeout)
                let floor = failure.retryAfter
                guard failure.mayPass, options.retry.allowsAttempt(after: attempt),
                    (floor ?? .zero) <= options.longestRetryAfter
                else { throw SheafError(.upstream, "\(name) \(failure.reason)", retryAfter: floor) }
                try await time.sleep(for: options.retry.delay(after: attempt, floor: floor))
                attempt += 1
            }
        }
    }

    /// One request.
    private func attempted<Answer: Sendable>(
        _ request: @escaping @Sendable () -> HTTPClientRequest,
        _ read: @escaping @Sendable (ByteBuffer) throws -> Answer
    ) async throws -> Answer {
        try await withTimeout(options.timeout) {
            var request = request()
            request.headers.replaceOrAdd(name: "accept", value: "application/json")
            request.headers.replaceOrAdd(name: "user-agent", value: "sheaf")
            let response = try await client.execute(request, timeout: TimeAmount(options.timeout))
            guard (200..<300).contains(response.status.code) else {
                // A body that is read to its end leaves the connection fit for the next request.
                _ = try? await response.body.collect(upTo: 16 << 10)
                throw ServiceFailure(response, now: time.now)
            }
            do {
                return try read(try await response.body.collect(upTo: options.largestAnswer))
            } catch is NIOTooManyBytesError {
                throw ServiceFailure.unreadable("it is too large")
            }
        }
    }
}
