import Algorithms
import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import ServiceCalls
import SheafCore

/// Requests data about ids from one service.
struct BatchLookupClient: Sendable {
    private let url: HTTPURL
    private let client: ServiceClient
    private let options: ServiceOptions

    /// - Parameter name: the service's name in error messages.
    init(name: String, url: HTTPURL, client: HTTPClient, options: ServiceOptions, time: any TimeSource) {
        self.url = url
        self.options = options
        self.client = ServiceClient(name: "the \(name) service", client: client, options: options, time: time)
    }

    /// The responses for `ids`, which are requested in chunks.
    ///
    /// - Throws: ``SheafError`` `upstream`, or `CancellationError`.
    func get<Answer: Decodable & Sendable>(
        _: Answer.Type, from path: String, ids: [Int64]
    ) async throws -> [Answer] {
        let chunks = ids.chunks(ofCount: options.idsPerRequest).map { ids in
            url.appending("\(path)?ids=\(ids.map(String.init).joined(separator: ","))")
        }
        return try await chunks.concurrentMap(limit: options.concurrency) { address in
            try await client.answer(to: { HTTPClientRequest(url: address) }) { body in
                do {
                    return try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView))
                } catch is DecodingError {
                    throw ServiceFailure.unreadable()
                }
            }
        }
    }
}
