import Algorithms
import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import SheafCore

/// Asks one service about ids: many at once, each request within a time and tried again where that may help.
struct ServiceClient: Sendable {
    /// The service's name in errors.
    let name: String
    let url: HTTPURL
    let client: HTTPClient
    let options: ServiceOptions
    let time: any TimeSource
    private let slots: Slots

    init(name: String, url: HTTPURL, client: HTTPClient, options: ServiceOptions, time: any TimeSource) {
        self.name = name
        self.url = url
        self.client = client
        self.options = options
        self.time = time
        slots = Slots(options.inFlight)
    }

    /// The answers about `ids`, which are asked for by the chunk.
    ///
    /// - Throws: ``SheafError`` `upstream`, or `CancellationError`.
    func get<Answer: Decodable & Sendable>(
        _: Answer.Type, from path: String, ids: [Int64]
    ) async throws -> [Answer] {
        let chunks = ids.chunks(ofCount: options.idsPerRequest).map { ids in
            url.appending("\(path)?ids=\(ids.map(String.init).joined(separator: ","))")
        }
        return try await chunks.concurrentMap(limit: options.concurrency) { address in
            try await retrying { try await slots.run { try await answer(from: address) } }
        }
    }

    /// Carries out `request` until it succeeds, fails for good, or has been tried often enough.
    private func retrying<Answer: Sendable>(_ request: () async throws -> Answer) async throws -> Answer {
        var attempt = 1
        while true {
            do {
                return try await request()
            } catch {
                // A cancelled request fails in many ways: none of them says anything about the service.
                try Task.checkCancellation()
                let failure = ServiceFailure(error, timeout: options.timeout)
                let floor = failure.retryAfter
                guard failure.mayPass, options.retry.allowsAttempt(after: attempt),
                    (floor ?? .zero) <= options.longestRetryAfter
                else { throw SheafError(.upstream, "the \(name) service \(failure.reason)", retryAfter: floor) }
                try await time.sleep(for: options.retry.delay(after: attempt, floor: floor))
                attempt += 1
            }
        }
    }

    /// One request.
    private func answer<Answer: Decodable & Sendable>(from address: String) async throws -> Answer {
        try await withTimeout(options.timeout) {
            var request = HTTPClientRequest(url: address)
            request.headers.add(name: "accept", value: "application/json")
            request.headers.add(name: "user-agent", value: "sheaf")
            let response = try await client.execute(request, timeout: TimeAmount(options.timeout))
            guard (200..<300).contains(response.status.code) else {
                // A body that is read to its end leaves the connection fit for the next request.
                _ = try? await response.body.collect(upTo: 16 << 10)
                throw ServiceFailure(response, now: time.now)
            }
            do {
                let body = try await response.body.collect(upTo: options.largestAnswer)
                return try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
            } catch is NIOTooManyBytesError {
                throw ServiceFailure.unreadable
            } catch is DecodingError {
                throw ServiceFailure.unreadable
            }
        }
    }
}
