import SheafCore
import SheafMemory
import SheafTesting
import Synchronization
import Testing

@testable import SheafEngine

@Suite("The registry of declared types", .timeLimit(.minutes(1)))
struct TypeRegistryTests {
    private let clock = TestClock()
    private let store: MemoryStore
    private let revisions: MemoryTypeRevisions
    private let folder = Folder("news:1")

    private final class Folder: Sendable {
        private let text: Mutex<String>
        init(_ text: String) { self.text = Mutex(text) }
        func set(_ text: String) { self.text.withLock { $0 = text } }
        func read() throws -> FakeTypeSet { try FakeTypeSet(text.withLock(\.self)) }
    }

    init() {
        store = MemoryStore(clock: clock)
        revisions = MemoryTypeRevisions(store)
    }

    /// One process on the store.
    private func registry(hasFolder: Bool = false) throws -> TypeRegistry<FakeTypeSet> {
        var readFolder: (@Sendable () throws -> FakeTypeSet)?
        if hasFolder { readFolder = { [folder] in try folder.read() } }
        let builtIn = try TestFactory().catalog().current.types
        return try TypeRegistry<FakeTypeSet>(
            revisions, beside: TypeRegistry<FakeTypeSet>.Surroundings(builtIn: builtIn, languages: ["ru"]),
            clock: clock, logger: Rig.logger, read: { text in try FakeTypeSet(text) }, readFolder: readFolder)
    }

    private func names(_ registry: TypeRegistry<FakeTypeSet>) -> [String] {
        registry.catalog.current.types.filter { $0.code >= 1000 }.map(\.name)
    }

    private func accept(_ type: EventTypeCode) async throws {
        let event = Samples().event(type: type)
        try await store.transaction("test") { _ = try $0.accept([AdmittedEvent(event, .window(WindowPolicy()))]) }
    }

    @Test("One process applies a set, and another applies it at its next poll")
    func taking() async throws {
        let (one, other) = (try registry(), try registry())
        #expect(
            try await one.apply(FakeTypeSet("news:1 sports:1"))
                == AppliedTypesDocument(revision: 1, isNew: true, added: ["news", "sports"]))
        #expect(names(one) == ["news", "sports"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await other.run() }
            try await until("the first look") { other.catalog.revision == 1 }
            #expect(names(other) == ["news", "sports"])
            _ = try await one.apply(FakeTypeSet("news:2"))
            try await until("the second look") {
                clock.advance(by: .seconds(1))
                return other.catalog.revision == 2
            }
            group.cancelAll()
        }
        #expect(names(other) == ["news"])
        #expect(other.catalog.current.name(of: 1001) == "sports")
        #expect(other.list().items.last?.name == "news")
    }

    @Test("A current set is not stored again; a new one returns what changed")
    func changes() async throws {
        let registry = try registry()
        _ = try await registry.apply(FakeTypeSet("a:1 b:1 c:1"))
        #expect(
            try await registry.apply(FakeTypeSet("b:1 c:2 d:1"))
                == AppliedTypesDocument(revision: 2, isNew: true, added: ["d"], changed: ["c"], removed: ["a"]))
        #expect(
            try await registry.apply(FakeTypeSet("b:1 c:2 d:1")) == AppliedTypesDocument(revision: 2, isNew: false))
    }

    @Test("An unreadable revision leaves the set in use, and the next one is applied")
    func unreadable() async throws {
        let registry = try registry()
        _ = try await registry.apply(FakeTypeSet("a:1"))
        _ = try await revisions.append("!", after: 1, bringingBack: nil, unlessInUse: [])
        try await registry.refresh()
        #expect(names(registry) == ["a"] && registry.catalog.revision == 1)
        _ = try await revisions.append("b:1", after: 2, bringingBack: nil, unlessInUse: [])
        try await registry.refresh()
        #expect(names(registry) == ["b"] && registry.catalog.revision == 3)
    }

    @Test("A name of a built-in type is a mistake, and nothing is stored")
    func builtIn() async throws {
        let registry = try registry()
        await #expect(throws: TypeMistakes.self) { try await registry.apply(FakeTypeSet("tumbling:1")) }
        #expect(try await revisions.current() == nil)
    }

    @Test("A type is removed, or gets another key, only without live windows", arguments: ["b:1", "a:k1 b:1"])
    func obstacles(set: String) async throws {
        let registry = try registry()
        _ = try await registry.apply(FakeTypeSet("a:1 b:1"))
        let code = try #require(registry.catalog.current.type(named: "a")?.code)
        try await accept(code)
        await #expect(throws: TypeMistakes(["a has live windows"])) { try await registry.apply(FakeTypeSet(set)) }
        #expect(names(registry) == ["a", "b"])
        // Its texts may change.
        _ = try await registry.apply(FakeTypeSet("a:2 b:1"))
        clock.advance(by: .seconds(60))
        let claims = try await store.claim(ClaimLimits(windows: 10, events: 10), lease: .seconds(30)).claims
        try await store.transaction("test") { _ = try $0.digest(claims.map { Samples().digest($0) }) }
        #expect(try await registry.apply(FakeTypeSet(set)).isNew)
    }

    @Test("Restoring a revision stores a new one, which may be refused like any other")
    func rollingBack() async throws {
        let registry = try registry()
        for set in ["a:1", "a:2", "a:2 b:1"] { _ = try await registry.apply(FakeTypeSet(set)) }
        #expect(try await registry.rollBack(to: 1).revision == 4)
        #expect(try await registry.history().map(\.broughtBack) == [1, nil, nil, nil])
        await #expect(throws: SheafError.self) { try await registry.rollBack(to: 9) }
        _ = try await registry.rollBack(to: 3)
        try await accept(try #require(registry.catalog.current.type(named: "b")?.code))
        await #expect(throws: TypeMistakes.self) { try await registry.rollBack(to: 1) }
        #expect(names(registry) == ["a", "b"])
    }

    @Test("A start with a folder stores its set, unless any revision ever equalled it")
    func starting() async throws {
        let registry = try registry(hasFolder: true)
        try await registry.start()
        #expect(names(registry) == ["news"])
        _ = try await registry.apply(FakeTypeSet("news:2"))
        let other = try self.registry(hasFolder: true)
        try await other.start()
        #expect(other.catalog.revision == 2)
        #expect(try await other.reload().revision == 3)
    }

    @Test("A start whose folder lacks a type with live windows keeps the current revision; a mistake ends it")
    func startingBesideWindows() async throws {
        _ = try await registry().apply(FakeTypeSet("a:1"))
        try await accept(1000)
        let registry = try registry(hasFolder: true)
        try await registry.start()
        #expect(names(registry) == ["a"])
        await #expect(throws: TypeMistakes.self) { try await registry.reload() }
        folder.set("!")
        await #expect(throws: TypeMistakes(["set:1:1: has a !"])) { try await registry.start() }
        await #expect(throws: TypeMistakes.self) { try await self.registry().reload() }
    }

    @Test(
        "A start and a reload are refused if the process lacks something a type needs; a set that others applied is used"
    )
    func needs() async throws {
        folder.set("a:n1")
        let registry = try registry(hasFolder: true)
        await #expect(throws: TypeMistakes(["a needs a secret"])) { try await registry.start() }
        #expect(try await revisions.current() == nil)
        folder.set("a:1")
        try await registry.start()
        folder.set("a:n1")
        await #expect(throws: TypeMistakes(["a needs a secret"])) { try await registry.reload() }
        #expect(registry.catalog.revision == 1)
        // A command applies it for processes that may have what the type needs.
        _ = try await self.registry().apply(FakeTypeSet("a:n2"))
        try await registry.refresh()
        #expect(registry.catalog.revision == 2 && names(registry) == ["a"])
        folder.set("a:1")
        await #expect(throws: TypeMistakes(["revision 2, a needs a secret"])) {
            try await self.registry(hasFolder: true).start()
        }
    }

    @Test("Events that come in while another process applies a set are checked with the new set")
    func accepting() async throws {
        let (one, other) = (try registry(), try registry())
        _ = try await one.apply(FakeTypeSet("news:1 sports:1"))
        try await other.refresh()
        let ingest = Ingest(
            catalog: other.catalog, store: store, clock: clock, counters: StageCounters(clock: clock))
        func submit(_ type: String) async throws -> IngestResult.Status? {
            let event = IncomingEvent(source: "test", type: type, recipient: 1, data: #"{"text":"a"}"#)
            return try await ingest.submit([.success(event)], source: "test").first?.status
        }
        _ = try await one.apply(FakeTypeSet("news:2 sports:1"))
        #expect(try await submit("news") == .accepted)
        #expect(other.catalog.revision == 2)
        _ = try await one.apply(FakeTypeSet("news:2"))
        guard case .rejected(let error) = try await submit("sports") else {
            Issue.record("an event of a type that is gone was accepted")
            return
        }
        #expect(error.code == .unknownType)
        // If it cannot read a revision it knows of it, and continues with the one before.
        _ = try await revisions.append("!", after: 3, bringingBack: nil, unlessInUse: [])
        #expect(try await submit("news") == .accepted)
        #expect(other.catalog.revision == 3)
    }

    @Test("A name that got its code in another process is found when needed")
    func names() async throws {
        let behind = try registry()
        _ = try await registry().apply(FakeTypeSet("a:1"))
        #expect(behind.catalog.current.name(of: 1000) == "1000")
        #expect(try await behind.catalog.name(of: 1000) == "a")
        #expect(behind.catalog.current.name(of: 1000) == "a")
        #expect(behind.catalog.current.windowKey("a:42")?.type == 1000)
    }

    @Test("A set is compared with the current one, and nothing is stored")
    func comparing() async throws {
        let registry = try registry()
        let set = try FakeTypeSet("news:1 sports:1")
        #expect(try await registry.compare(set) == .unstored)
        #expect(try await revisions.names().isEmpty)
        try await registry.apply(set)
        #expect(try await registry.compare(set) == .same(revision: 1))
        let newer = try FakeTypeSet("news:2 weather:1")
        let changes = AppliedTypesDocument(
            revision: 1, isNew: true, added: ["weather"], changed: ["news"], removed: ["sports"])
        #expect(try await registry.compare(newer) == .differs(changes, isFormer: false))
        #expect(try await revisions.names().count == 2)
        try await registry.apply(newer)
        guard case .differs(_, isFormer: true) = try await registry.compare(set) else {
            Issue.record("an earlier set is not recognised")
            return
        }
        try await accept(try #require(registry.catalog.current.type(named: "weather")).code)
        await #expect(throws: TypeMistakes(["weather has live windows"])) { try await registry.compare(set) }
    }

    @Test("A preview uses the set in use, and the requested or configured language and zone")
    func preview() async throws {
        let registry = try registry()
        let request = PreviewRequest(events: ["{}"])
        await #expect(throws: SheafError(.notFound, "there is no such type")) {
            try await registry.preview("news", request)
        }
        try await registry.apply(FakeTypeSet("news:1"))
        #expect(try await registry.preview("news", request).preview.content?.listTitle == "1 for 42: ru UTC")
        let other = PreviewRequest(events: ["{}"], locale: "pt_br", timeZone: "Asia/Tokyo")
        let head = EventHead(recipient: 7, occurredAt: clock.now)
        #expect(
            try await registry.preview("news", other, for: head).preview.content?.listTitle
                == "1 for 7: pt-BR Asia/Tokyo")
        for wrong in [PreviewRequest(events: ["{}"], locale: "?"), PreviewRequest(events: ["{}"], timeZone: "+3")] {
            await #expect {
                _ = try await registry.preview("news", wrong)
            } throws: {
                ($0 as? SheafError)?.code == .invalid && ($0 as? SheafError)?.field != nil
            }
        }
    }
}
