import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

@testable import SheafHTTP

/// The API over drivers in memory and a clock that stands still.
struct Site: Sendable {
    let clock = TestClock()
    let samples = Samples()
    let store: MemoryStore
    /// Holds windows outside the store; `nil` if they live in the store.
    let debouncer: MemoryDebouncer?
    let intake = FakeIntake()
    let folder = FakeFolder()
    let counters: StageCounters
    let catalog: LiveCatalog
    let types: TypeRegistry<FakeTypeSet>

    init(windows: WindowLocation = .store) throws {
        store = MemoryStore(clock: clock)
        debouncer = windows == .relayed ? MemoryDebouncer(clock: clock) : nil
        counters = StageCounters(clock: clock)
        catalog = try TestTypes.catalog()
        types = try TypeRegistry(
            MemoryTypeRevisions(store), beside: .init(builtIn: catalog.current.types, languages: ["ru"]), clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, read: { FakeTypeSet(canonicalText: $0) },
            readFolder: { [folder] in try folder.read() })
    }

    func operations(
        store: (any EventStore)? = nil, debouncer: (any Debouncer)? = nil,
        queueBacklog: (@Sendable () async throws -> Int)? = nil
    ) -> Operations {
        Operations(
            store: store ?? self.store, debouncer: debouncer ?? self.debouncer, catalog: catalog, clock: clock,
            counts: counters, queueBacklog: queueBacklog)
    }

    func api(
        operations: Operations? = nil, readiness: [ReadinessCheck] = [], limits: APILimits = APILimits()
    ) -> API {
        API(
            intake: intake, operations: operations ?? self.operations(), readiness: readiness,
            metrics: { "sheaf_windows_open 0\n" }, clock: clock, limits: limits, types: types)
    }

    /// Accepts events as the engine does, each into its window.
    func accept(_ events: [Event]) async throws {
        _ = try await store.transaction("ingest") { transaction in
            try transaction.accept(
                events.map { event in
                    guard debouncer == nil else { return AdmittedEvent(event, .relayed) }
                    guard case .debounced(let policy)? = catalog.current.type(code: event.type)?.delivery else {
                        return AdmittedEvent(event, .alone)
                    }
                    return AdmittedEvent(event, .window(policy))
                })
        }
        _ = try await debouncer?.add(
            events.map { DebounceEntry($0, TestTypes.window) })
    }

    /// Accepts events that get no window yet, and stores `digests`.
    func accept(_ events: [Event], digests: [Digest]) async throws {
        let ended = try await store.transaction("ingest") { transaction in
            _ = try transaction.accept(Samples.admitted(events, as: .relayed))
            return try transaction.digest(digests)
        }
        try #require(ended.count == digests.count)
    }

    /// Claims all due windows of the store.
    func claims() async throws -> [ClaimedWindow] {
        try await store.claim(ClaimLimits(windows: 100, events: 1000), lease: .seconds(30)).claims
    }

    /// Claims all due windows of the store, and makes them wait.
    func postpone(by delay: Duration, _ reason: WaitReason = .service) async throws {
        try await store.postpone(
            claims().map { Postponement($0, delay: delay, reason: reason, maxEvents: TestTypes.window.maxEvents) })
    }

    /// Runs `test` with a client of the API, without a server.
    func test<Value>(
        _ api: API? = nil, _ test: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        try await Application(router: (api ?? self.api()).router(), logger: Site.quiet).test(.router, test)
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A response, with its body parsed if it is JSON.
struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer

    var json: JSON {
        get throws { try JSON(body.readableBytesView) }
    }

    var text: String { String(buffer: body) }

    /// The code of its error.
    var errorCode: String? {
        get throws { try json["error"]?["code"]?.text }
    }

    var errorField: String? {
        get throws { try json["error"]?["field"]?.text }
    }
}

extension TestClientProtocol {
    func send(
        _ method: HTTPRequest.Method, _ uri: String, headers: HTTPFields = [:], body: String? = nil
    ) async throws -> Answer {
        let response = try await executeRequest(
            uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        return Answer(status: response.status, headers: response.headers, body: response.body)
    }

    func get(_ uri: String) async throws -> Answer { try await send(.get, uri) }

    /// Posts events.
    func publish(_ body: String, _ contentType: String? = "application/json", headers: HTTPFields = [:])
        async throws -> Answer
    {
        var headers = headers
        headers[.contentType] = contentType
        return try await send(.post, "/v1/events", headers: headers, body: body)
    }

    /// All pages of a list, and their number.
    func allPages(_ path: String, limit: Int) async throws -> (items: [JSON], pages: Int) {
        var items: [JSON] = []
        var pages = 0
        var cursor: String?
        repeat {
            let after = cursor.map { "&after=\($0)" } ?? ""
            let page = try await get("\(path)?limit=\(limit)\(after)").json
            items += page["items"]?.elements ?? []
            pages += 1
            cursor = page["next"]?.text
        } while cursor != nil && pages < 1000
        return (items, pages)
    }
}

extension HTTPFields {
    /// Headers by name; invalid names are left out.
    init(_ headers: [String: String]) {
        self.init()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
