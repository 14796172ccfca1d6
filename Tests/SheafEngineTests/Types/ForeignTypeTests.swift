import SheafCore
import SheafMemory
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Declared types that a process does not know, or learns later", .timeLimit(.minutes(1)))
struct ForeignTypeTests {
    private static let code = EventType.firstDeclaredCode

    /// Applies the set, as the process does when it finds the revision.
    private func take(_ set: String, revision: Int, _ rig: Rig) throws {
        let types =
            try rig.catalog.current.types.filter { $0.code < Self.code }
            + FakeTypeSet(set).eventTypes(codes: ["news": Self.code])
        rig.catalog.replace(with: try EventCatalog(types), revision: revision)
    }

    private func store(_ rig: Rig, _ id: String) async throws {
        let event = Samples(start: rig.clock.now).event(
            recipient: 1, type: Self.code, keyPart: nil, source: "test", producerID: id,
            payload: #"{"text":"\#(id)"}"#)
        try await rig.store(event, rig.windows == .store ? .window(WindowPolicy()) : .relayed)
    }

    @Test(
        "Their events are neither dead-lettered nor notified until the process knows the type",
        arguments: WindowLocation.all)
    func behind(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await store(rig, "a")
        try await rig.running {
            for _ in 0..<20 {
                try await rig.calm()
                rig.clock.advance(by: .seconds(10))
            }
            #expect(try await rig.memory.deadLetters(after: nil, limit: 10).isEmpty)
            #expect(try await rig.status(of: "a") == .new)
            try take("news:1", revision: 1, rig)
            for _ in 0..<30 where try await rig.status(of: "a") == .new {
                try await rig.calm()
                rig.clock.advance(by: .seconds(10))
            }
            try await rig.calm()
            #expect(try await rig.texts() == ["1: a"])
        }
    }

    @Test(
        "A new type's events are notified, and a window gets the texts in use when it closes",
        arguments: WindowLocation.all
    )
    func appearing(place: WindowLocation) async throws {
        let rig = try await Rig(place)
        try await rig.running {
            try take("news:1", revision: 1, rig)
            let event = IncomingEvent(
                source: "test", producerID: "a", type: "news", recipient: 1, data: #"{"text":"a"}"#)
            #expect(try await rig.engine.ingest.submit([.success(event)], source: "test").first?.status == .accepted)
            try await rig.pass(.seconds(30))
            try take("news:2", revision: 2, rig)
            try await rig.pass(.seconds(60))
            #expect(try await rig.texts() == ["2: a"])
        }
    }

    @Test("An older catalog does not replace a newer one, and observers get each new catalog")
    func replacing() throws {
        let catalog = try TestFactory().catalog()
        let counts = Counts()
        catalog.observe { counts.add($0.types.count) }
        let types = catalog.current.types
        #expect(catalog.replace(with: try EventCatalog(Array(types.prefix(1))), revision: 2))
        #expect(!catalog.replace(with: try EventCatalog(Array(types.prefix(2))), revision: 1))
        #expect(!catalog.replace(with: try EventCatalog(Array(types.prefix(2))), revision: 2))
        #expect(counts.all == [types.count, 1] && catalog.current.types.count == 1)
    }
}
