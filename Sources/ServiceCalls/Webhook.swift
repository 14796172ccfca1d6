import AsyncHTTPClient
public import FoundationEssentials
public import NIOCore
public import NIOHTTP1
public import SheafCore

extension HTTPHeaders {
    /// Adds the headers of [Standard Webhooks](https://www.standardwebhooks.com) for a request with this body.
    ///
    /// - Parameters:
    ///   - id: names what the request is about, the same in every attempt.
    ///   - moment: when the attempt is made, by the host's wall clock: the receiver goes by its own, too.
    ///   - secret: signs it; `nil` for no signature.
    public mutating func addWebhook(id: String, at moment: Timestamp, body: Data, secret: SigningSecret?) {
        let timestamp = String(moment.microseconds / 1_000_000)
        add(name: "webhook-id", value: id)
        add(name: "webhook-timestamp", value: timestamp)
        guard let secret else { return }
        add(name: "webhook-signature", value: secret.signature(id: id, timestamp: timestamp, body: body))
    }
}

extension ServiceClient {
    /// Asks by `POST` with a JSON text, as Standard Webhooks has it; tried as ``answer(to:read:)`` does.
    ///
    /// - Parameters:
    ///   - id: names what is asked about, the same in every attempt.
    ///   - trace: the trace that the question belongs to, as ``TraceContext`` writes it.
    ///   - read: reads the body of an answer; throws ``ServiceFailure/unreadable(_:)``.
    public func ask<Answer: Sendable>(
        _ url: String, _ question: String, id: String, secret: SigningSecret?, trace: String? = nil,
        wallClock: @escaping @Sendable () -> Timestamp = { .ofHost },
        read: @escaping @Sendable (ByteBuffer) throws -> Answer
    ) async throws -> Answer {
        let body = Data(question.utf8)
        let trace = trace.flatMap { TraceContext($0) }
        return try await answer(
            to: {
                var request = HTTPClientRequest(url: url)
                request.method = .POST
                request.headers = ["content-type": "application/json"]
                request.headers.addWebhook(id: id, at: wallClock(), body: body, secret: secret)
                if let trace {
                    request.headers.add(name: "traceparent", value: trace.parent)
                    if let state = trace.state { request.headers.add(name: "tracestate", value: state) }
                }
                request.body = .bytes(body, length: .known(Int64(body.count)))
                return request
            }, read: read)
    }
}

extension Timestamp {
    /// The present by the host's wall clock.
    public static var ofHost: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
