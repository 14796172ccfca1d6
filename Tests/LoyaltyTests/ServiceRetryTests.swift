import AsyncHTTPClient
import HTTPTypes
import Loyalty
import ServiceCalls
import SheafCore
import Synchronization
import Testing

/// How the clients handle failures, with a real server and with waits that end at once.
@Suite struct ServiceRetryTests {
    private static let good = ScriptedService.Answer.sales([1])
    private let time = InstantTime()

    @Test(arguments: [408, 409, 423, 425, 429, 500, 502, 503, 504, 599])
    func `a temporary status is retried with backoff`(_ status: Int) async throws {
        let service = ScriptedService { $0.index < 2 ? .status(.init(code: status)) : Self.good }
        #expect(try await ask(service) == [1])
        #expect(service.calls.count == 3)
        try #require(time.waits.count == 2)
        #expect((.milliseconds(100)...(.milliseconds(200))).contains(time.waits[0]))
        #expect((.milliseconds(200)...(.milliseconds(400))).contains(time.waits[1]))
    }

    @Test(arguments: [300, 400, 401, 403, 404, 410, 422, 451])
    func `another status is not retried, and the window waits`(_ status: Int) async {
        let service = ScriptedService { _ in .status(.init(code: status)) }
        let error = await #expect(throws: SheafError.self) { try await ask(service) }
        #expect(error == SheafError(.upstream, "the sales service answered \(status)"))
        #expect(error?.kind == .transient)
        #expect(service.calls.count == 1)
    }

    @Test func `after three attempts the error is thrown`() async {
        let service = ScriptedService { _ in .status(.serviceUnavailable) }
        let error = await #expect(throws: SheafError.self) { try await ask(service) }
        #expect(error == SheafError(.upstream, "the sales service answered 503"))
        #expect(service.calls.count == 3)
        #expect(time.waits.count == 2)
    }

    @Test(arguments: [
        "", "nonsense", "[]", "{}", #"{"items":null}"#, #"{"items":[{"status":"banned"}]}"#,
        #"{"items":[{"id":"1","status":"banned"}]}"#, #"{"items":[{"id":1,"status":7}]}"#,
        #"{"items":[{"id":99999999999999999999,"status":"banned"}]}"#, #"{"items":[{"id":1,"status":"banned"}"#,
    ])
    func `a malformed response is retried, and then the error is thrown`(_ answer: String) async throws {
        let recovering = ScriptedService { $0.index == 0 ? .json(answer) : Self.good }
        #expect(try await ask(recovering) == [1])
        #expect(recovering.calls.count == 2)

        let failing = ScriptedService { _ in .json(answer) }
        let error = await #expect(throws: SheafError.self) { try await ask(failing) }
        #expect(error == SheafError(.upstream, "the sales service gave an answer that cannot be read"))
        #expect(failing.calls.count == 3)
    }

    @Test func `a response that is too large is not read`() async {
        let padding = String(repeating: " ", count: 1 << 20)
        let service = ScriptedService { _ in .json(#"{"items":[]}"# + padding) }
        let error = await #expect(throws: SheafError.self) { try await ask(service) }
        #expect(error == SheafError(.upstream, "the sales service gave an answer that cannot be read: it is too large"))
    }

    @Test func `a silent service times out with an error`() async {
        let service = ScriptedService { _ in .silence }
        let error = await #expect(throws: SheafError.self) {
            try await ask(service, ServiceOptions(timeout: .milliseconds(50)))
        }
        #expect(error == SheafError(.upstream, "the sales service did not answer within 50ms"))
        #expect(time.waits.count == 2)
    }

    @Test func `a service that was silent once is retried`() async throws {
        // More attempts than even a slow machine uses up.
        let options = ServiceOptions(
            timeout: .milliseconds(300), retry: RetryPolicy(maxAttempts: 100, base: .zero, cap: .zero))
        let service = ScriptedService { $0.index == 0 ? .silence : Self.good }
        #expect(try await ask(service, options) == [1])
        #expect(service.calls.count >= 2)
        #expect(!time.waits.isEmpty)
    }

    @Test func `a body that never ends counts as a time-out`() async {
        let service = ScriptedService { _ in .unfinished }
        let options = ServiceOptions(
            timeout: .milliseconds(300), retry: RetryPolicy(maxAttempts: 1, base: .zero, cap: .zero))
        let start = ContinuousClock.now
        let error = await #expect(throws: SheafError.self) { try await ask(service, options) }
        #expect(error == SheafError(.upstream, "the sales service did not answer within 300ms"))
        // Generous, since a busy machine runs hundreds of other tests.
        #expect(ContinuousClock.now - start < .seconds(55))
    }

    @Test func `a broken connection is retried`() async throws {
        let service = ScriptedService { $0.index < 2 ? .broken : Self.good }
        #expect(try await ask(service) == [1])
        #expect(service.calls.count == 3)
    }

    @Test func `a missing service gives an error after three attempts`() async throws {
        let gone = try await ScriptedService { _ in Self.good }.serving { $0 }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let error = try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            let sales = HTTPSalesService(url: try #require(HTTPURL(gone)), client: client, options: patient, time: time)
            return await #expect(throws: SheafError.self) { try await sales.bannedItems(among: [1], in: 7) }
        }
        #expect(error?.code == .upstream)
        #expect(error?.message.hasPrefix("the sales service cannot be reached") == true)
        #expect(time.waits.count == 2)
    }

    @Test func `a status below 200 is retried`() async throws {
        let service = ScriptedService { $0.index < 1 ? .status(.switchingProtocols) : Self.good }
        #expect(try await ask(service) == [1])
        #expect(service.calls.count == 2)
    }

    @Test func `any status with Retry-After is retried`() async throws {
        let service = ScriptedService { $0.index < 1 ? .status(.notFound, retryAfter: "1") : Self.good }
        #expect(try await ask(service) == [1])
        #expect(time.waits == [.seconds(1)])
    }

    @Test func `concurrent requests to a service are limited`() async throws {
        let load = Load()
        let service = ScriptedService { call in
            load.begin()
            try await Task.sleep(for: .milliseconds(20))
            load.end()
            return .sales(call.ids)
        }
        let options = ServiceOptions(timeout: .seconds(50), idsPerRequest: 1, concurrency: 100, inFlight: 2)
        #expect(try await ask(service, options, items: Array(1...30)).count == 30)
        #expect(load.most == 2)
    }

    @Test func `Retry-After is waited for`() async throws {
        let service = ScriptedService {
            switch $0.index {
            case 0: .status(.tooManyRequests, retryAfter: "3")
            case 1: .status(.serviceUnavailable, retryAfter: "Mon, 24 Nov 2025 16:00:04 GMT")
            default: Self.good
            }
        }
        #expect(try await ask(service) == [1])
        #expect(time.waits == [.seconds(3), .seconds(4)])
    }

    @Test func `a Retry-After beyond the limit gives an error instead of a wait`() async {
        let service = ScriptedService { _ in .status(.serviceUnavailable, retryAfter: "6") }
        let error = await #expect(throws: SheafError.self) { try await ask(service) }
        #expect(error == SheafError(.upstream, "the sales service answered 503", retryAfter: .seconds(6)))
        #expect(service.calls.count == 1)
        #expect(time.waits.isEmpty)
    }

    @Test(arguments: ["61", "86400", "Fri, 31 Dec 9999 23:59:59 GMT"])
    func `a window is held for a minute at most, whatever Retry-After says`(_ value: String) async {
        let service = ScriptedService { _ in .status(.serviceUnavailable, retryAfter: value) }
        let error = await #expect(throws: SheafError.self) { try await ask(service) }
        #expect(error?.retryAfter == .seconds(60))
    }

    @Test func `one failing chunk fails the whole request`() async {
        let service = ScriptedService { $0.ids.contains(150) ? .status(.notFound) : .sales($0.ids) }
        let error = await #expect(throws: SheafError.self) { try await ask(service, items: Array(1...300)) }
        #expect(error == SheafError(.upstream, "the sales service answered 404"))
    }

    @Test func `cancellation is not taken for a failure of the service`() async throws {
        let (asked, continuation) = AsyncStream<Void>.makeStream()
        let service = ScriptedService { _ in
            continuation.yield()
            return .silence
        }
        let time = time
        try await service.serving { url in
            let sales = HTTPSalesService(url: try #require(HTTPURL(url)), client: .shared, options: patient, time: time)
            let question = Task { try await sales.bannedItems(among: [1], in: 7) }
            for await _ in asked { break }
            question.cancel()
            await #expect(throws: CancellationError.self) { try await question.value }
        }
        #expect(service.calls.count == 1)
        #expect(time.waits.isEmpty)
    }

    private func ask(
        _ service: ScriptedService, _ options: ServiceOptions = patient, items: [Int64] = [1]
    ) async throws -> Set<Int64> {
        let time = time
        return try await service.serving { url in
            let sales = HTTPSalesService(url: try #require(HTTPURL(url)), client: .shared, options: options, time: time)
            return try await sales.bannedItems(among: items, in: 7)
        }
    }
}

/// Counts requests in progress.
private final class Load: Sendable {
    private let state = Mutex((inside: 0, most: 0))

    var most: Int { state.withLock(\.most) }

    func begin() {
        state.withLock { state in
            state.inside += 1
            state.most = max(state.most, state.inside)
        }
    }

    func end() { state.withLock { $0.inside -= 1 } }
}
