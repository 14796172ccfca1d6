import AsyncHTTPClient
import Loyalty
import ServiceCalls
import SheafCore
import Synchronization
import Testing

/// The clients against a real server.
@Suite struct HTTPServicesTests {
    // MARK: - Chunks

    @Test func `five thousand items take fifty requests, eight at a time`() async throws {
        let crowd = Crowd(of: 8)
        let service = ScriptedService { call in
            await crowd.enter()
            defer { crowd.leave() }
            return .sales(call.ids.reversed())
        }
        let options = ServiceOptions(
            timeout: .seconds(30), retry: RetryPolicy(maxAttempts: 1, base: .zero, cap: .zero))
        try await service.serving { url in
            defer { crowd.disperse() }
            let services = LoyaltyServices(
                salesURL: HTTPURL(url), itemsURL: nil, client: .shared, options: options,
                time: InstantTime())
            let types = try EventCatalog(LoyaltyCatalog.types(language: .russian, services: services))
            let type = try #require(types.type(code: 1))
            let now = Timestamp(milliseconds: 0)
            let events = (1...5000).map {
                Event(
                    IncomingEvent(
                        source: "test", type: type.name, recipient: 42, data: #"{"sale_id":7,"item_id":\#($0)}"#),
                    type: type.code, keyPart: "7", at: now)
            }
            let content = try #require(try await type.compose(events).content)
            #expect(content.fullTitle == "Исключили 5000 товаров из распродажи")
        }
        #expect(service.calls.count == 50)
        #expect(service.calls.allSatisfy { $0.ids.count == 100 && $0.path == "/v1/sales/7/items" })
        #expect(Set(service.calls.flatMap(\.ids)) == Set(1...5000))
        #expect(crowd.largest == 8)
    }

    @Test(arguments: [(1, [1]), (100, [100]), (101, [1, 100]), (250, [50, 100, 100])])
    func `a request has at most a hundred ids`(_ count: Int, _ sizes: [Int]) async throws {
        let service = ScriptedService { _ in .json(#"{"items":[]}"#) }
        try await service.serving { url in
            let items = HTTPItemsService(
                url: try #require(HTTPURL(url)), client: .shared, options: patient, time: InstantTime())
            #expect(try await items.titles(of: Array(1...Int64(count))).isEmpty)
        }
        #expect(service.calls.map(\.ids.count).sorted() == sizes)
    }

    @Test func `no ids need no request`() async throws {
        let service = ScriptedService { _ in .json(#"{"items":[]}"#) }
        try await service.serving { url in
            let sales = HTTPSalesService(
                url: try #require(HTTPURL(url)), client: .shared, options: patient, time: InstantTime())
            #expect(try await sales.bannedItems(among: [], in: 7).isEmpty)
        }
        #expect(service.calls.isEmpty)
    }

    @Test func `a path in the address is kept`() async throws {
        let service = ScriptedService { _ in .json(#"{"items":[]}"#) }
        try await service.serving { url in
            let items = HTTPItemsService(
                url: try #require(HTTPURL(url + "/api/")), client: .shared, options: patient, time: InstantTime())
            _ = try await items.titles(of: [-1, 0])
        }
        #expect(service.calls == [.init(index: 0, path: "/api/v1/items", ids: [-1, 0])])
    }

    // MARK: - Answers

    @Test func `an answer may lack ids, add ids and members, and be in any order`() async throws {
        let service = ScriptedService { _ in
            .json(
                """
                {"next":null,"items":[{"id":5,"status":"banned","since":"2026"},{"id":99,"status":"banned"},
                {"id":2,"status":"active"},{"id":3,"status":"paused"},{"id":4,"status":null},{"id":1,"status":"banned"}]}
                """)
        }
        try await service.serving { url in
            let sales = HTTPSalesService(
                url: try #require(HTTPURL(url)), client: .shared, options: patient, time: InstantTime())
            #expect(try await sales.bannedItems(among: [1, 2, 3, 4, 5, 6], in: 7) == [1, 5])
        }
    }

    @Test func `titles are returned only for requested items`() async throws {
        let service = ScriptedService { _ in
            .json(#"{"items":[{"id":2,"title":"Плед"},{"id":3,"title":null},{"id":4},{"id":9,"title":"Чужой"}]}"#)
        }
        try await service.serving { url in
            let items = HTTPItemsService(
                url: try #require(HTTPURL(url)), client: .shared, options: patient, time: InstantTime())
            #expect(try await items.titles(of: [1, 2, 3, 4]) == [2: "Плед"])
        }
    }
}

/// Options whose time-out even a slow machine does not reach.
let patient = ServiceOptions(timeout: .seconds(60))

/// Blocks callers until a number of them are in at once, and counts the maximum.
private final class Crowd: Sendable {
    private struct State {
        var inside = 0
        var largest = 0
    }

    private let size: Int
    private let state = Mutex(State())
    private let gate = Gate()

    init(of size: Int) { self.size = size }

    var largest: Int { state.withLock { $0.largest } }

    func enter() async {
        let isComplete = state.withLock { state in
            state.inside += 1
            state.largest = max(state.largest, state.inside)
            return state.inside >= size
        }
        if isComplete { gate.open() }
        await gate.passed()
    }

    func leave() { state.withLock { $0.inside -= 1 } }

    /// Blocks nobody any more.
    func disperse() { gate.open() }
}
