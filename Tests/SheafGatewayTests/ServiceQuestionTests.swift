import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOCore
import SheafCore
import Synchronization
import Testing

@testable import ServiceCalls
@testable import SheafGateway

/// A clock in which every wait ends at once.
private final class InstantTime: TimeSource {
    let now = Timestamp(milliseconds: 1_764_000_000_000)
    private let slept = Mutex<[Duration]>([])

    var waits: [Duration] { slept.withLock(\.self) }

    func sleep(for duration: Duration) async throws { slept.withLock { $0.append(duration) } }
}

/// Counts from 1.
private final class Count: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

@Suite("Requests to services")
struct ServiceQuestionTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private let time = InstantTime()

    private func asked(
        secret: String? = Samples.secret, trace: String? = trace, largestAnswer: Int = 1 << 20,
        respond: @escaping @Sendable (Int) -> Response = { _ in Response(status: .ok) }
    ) async throws -> (Result<String, any Error>, [RecordingServer.Received]) {
        let (calls, seconds) = (Count(), Count())
        let time = time
        return try await RecordingServer.run { _ in
            respond(calls.next())
        } _: { url, server in
            try await withClient { client in
                let service = ServiceClient(
                    name: "the service that enriches reviews", client: client,
                    options: ServiceOptions(timeout: .seconds(50), largestAnswer: largestAnswer), time: time)
                let result: Result<String, any Error>
                do {
                    let secret = try secret.map { text throws(SheafError) in try SigningSecret(text) }
                    let answer = try await service.ask(
                        url + "/enrich/reviews/", #"{"type":"reviews"}"#, id: "w-1", secret: secret, trace: trace,
                        wallClock: { Timestamp(milliseconds: 1_614_265_329_000 + Int64(seconds.next()) * 1000) }
                    ) { body in
                        let text = String(buffer: body)
                        if text == "bad" { throw ServiceFailure.unreadable("title is missing") }
                        return text
                    }
                    result = .success(answer)
                } catch { result = .failure(error) }
                return (result, server.received)
            }
        }
    }

    private static func text(_ text: String) -> Response {
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    @Test("They are posted to the exact address, signed, within their trace")
    func request() async throws {
        let (answer, received) = try await asked { _ in Self.text("good") }
        #expect(try answer.get() == "good")
        let request = try #require(received.first)
        #expect(received.count == 1 && request.method == .post && request.path == "/enrich/reviews/")
        #expect(request.body == #"{"type":"reviews"}"#)
        #expect(request["content-type"] == "application/json" && request["accept"] == "application/json")
        #expect(request["webhook-id"] == "w-1" && request["webhook-timestamp"] == "1614265330")
        let signature = try SigningSecret(Samples.secret).signature(
            id: "w-1", timestamp: "1614265330", body: Data(request.body.utf8))
        #expect(request["webhook-signature"] == signature)
        #expect(request["traceparent"] == Self.trace && request["tracestate"] == nil)
    }

    @Test("Without a secret they are not signed, and without a trace they have none")
    func unsigned() async throws {
        let (_, received) = try await asked(secret: nil, trace: nil)
        let request = try #require(received.first)
        #expect(request["webhook-id"] == "w-1" && request["webhook-signature"] == nil && request["traceparent"] == nil)
        let (_, others) = try await asked(trace: Self.trace + " a=1")
        #expect(others.first?["tracestate"] == "a=1")
    }

    @Test("Attempts have the same body and id, and each its own time")
    func attempts() async throws {
        let (answer, received) = try await asked { $0 < 3 ? Response(status: .serviceUnavailable) : Self.text("good") }
        #expect(try answer.get() == "good")
        #expect(received.count == 3 && time.waits.count == 2)
        #expect(Set(received.map(\.body)).count == 1 && Set(received.map { $0["webhook-id"] }).count == 1)
        #expect(received.map { $0["webhook-timestamp"] } == ["1614265330", "1614265331", "1614265332"])
        #expect(Set(received.map { $0["webhook-signature"] }).count == 3)
    }

    @Test("A failed request is reported with its cause, and may be retried", arguments: [400, 404, 422])
    func refused(status: Int) async throws {
        let (answer, received) = try await asked { _ in Response(status: .init(code: status)) }
        let error = #expect(throws: SheafError.self) { try answer.get() }
        #expect(error == SheafError(.upstream, "the service that enriches reviews answered \(status)"))
        #expect(error?.failureKind == .transient && received.count == 1)
    }

    @Test("An invalid response is requested again, and then reported with the problem")
    func unreadable() async throws {
        let (answer, received) = try await asked { _ in Self.text("bad") }
        let error = #expect(throws: SheafError.self) { try answer.get() }
        #expect(
            error?.message
                == "the service that enriches reviews gave an answer that cannot be read: title is missing")
        #expect(received.count == 3)
        let (large, _) = try await asked(largestAnswer: 3) { _ in Self.text("good") }
        #expect(throws: SheafError.self) { try large.get() }
    }
}
