import Synchronization
import Testing

@testable import SheafApp

/// A part with an identity.
final class Thing: Sendable {
    let name: String

    init(_ name: String) { self.name = name }
}

/// Counts, from several tasks.
final class Counter: Sendable {
    private let count = Mutex(0)

    func increment() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}

extension Container {
    fileprivate var first: Thing { get async throws { try await part { Thing("first") } } }
    fileprivate var second: Thing { get async throws { try await part { Thing("second of \(try await first.name)") } } }
    fileprivate var slow: Thing {
        get async throws {
            try await part {
                await Task.yield()
                return Thing("slow")
            }
        }
    }
    fileprivate var mixed: Thing {
        get async throws { try await part { Thing("\(try await second.name), \(try await slow.name)") } }
    }
    fileprivate var described: any CustomStringConvertible & Sendable {
        get async throws { try await part(as: (any CustomStringConvertible & Sendable).self) { "described" } }
    }

    // Cycles.
    fileprivate var itself: Thing { get async throws { try await part { try await otherwiseItself } } }
    private var otherwiseItself: Thing { get async throws { try await itself } }
    fileprivate var a: Thing { get async throws { try await part { try await b } } }
    fileprivate var b: Thing { get async throws { try await part { try await c } } }
    fileprivate var c: Thing { get async throws { try await part { try await a } } }

    fileprivate func numbered(_ number: Int) async throws -> Thing {
        try await part("numbered \(number)") { Thing("\(number)") }
    }
}

@Suite(.timeLimit(.minutes(1))) struct ContainerTests {
    private let container = Container()

    @Test func `a part is built once`() async throws {
        #expect(try await container.first === container.first)
        #expect(try await container.second.name == "second of first")
        #expect(try await container.slow === container.slow)
        #expect(try await container.mixed.name == "second of first, slow")
    }

    @Test func `parts are distinguished by container, name and type`() async throws {
        #expect(try await container.first !== Container().first)
        #expect(try await container.numbered(1) !== container.numbered(2))
        #expect(try await container.numbered(1) === container.numbered(1))
        let text = try await container.part("same") { "text" }
        let number = try await container.part("same") { 3 }
        #expect(text == "text" && number == 3)
    }

    @Test func `concurrent tasks get the same part`() async throws {
        let (built, gate) = (Counter(), AsyncStream<Void>.makeStream())
        let things = try await withThrowingTaskGroup(of: Thing.self) { [container] group in
            for _ in 0..<200 {
                group.addTask {
                    try await container.part("shared") {
                        built.increment()
                        for await _ in gate.stream {}
                        return Thing("shared")
                    }
                }
            }
            while built.value == 0 { await Task.yield() }
            gate.continuation.finish()
            return try await group.reduce(into: [Thing]()) { $0.append($1) }
        }
        #expect(Set(things.map { ObjectIdentifier($0) }).count == 1 && things.count == 200)
        #expect(built.value == 1)
    }

    @Test func `while a part is built, others are built, replaced and closed`() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let (started, startedSignal) = AsyncStream<Void>.makeStream()
        let asking = Task { [container] in
            try await container.part("held up") {
                startedSignal.finish()
                for await _ in gate.stream {}
                return 1
            }
        }
        for await _ in started {}
        #expect(try await container.second.name == "second of first")
        try await container.replace("slow", with: Thing("fast"))
        await container.closeAll(deadline: .seconds(5))
        gate.continuation.finish()
        #expect(try await asking.value == 1)
    }

    @Test func `a cancelled caller does not cancel the build for others`() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let (started, startedSignal) = AsyncStream<Void>.makeStream()
        let ask: @Sendable () async throws -> Thing = { [container] in
            try await container.part("shared") {
                startedSignal.finish()
                for await _ in gate.stream {}
                try Task.checkCancellation()
                return Thing("shared")
            }
        }
        let first = Task { try await ask() }
        for await _ in started {}
        let second = Task { try await ask() }
        first.cancel()
        gate.continuation.finish()
        #expect(try await second.value.name == "shared")
    }

    @Test func `a failed build is repeated by the next caller`() async throws {
        struct Failure: Error {}
        let tries = Counter()
        let ask: @Sendable () async throws -> Int = { [container] in
            try await container.part("flaky") {
                tries.increment()
                if tries.value < 3 { throw Failure() }
                return tries.value
            }
        }
        await #expect(throws: Failure.self) { try await ask() }
        await #expect(throws: Failure.self) { try await ask() }
        #expect(try await ask() == 3)
        #expect(try await ask() == 3)
    }

    @Test func `a cycle is refused and named`() async throws {
        await #expect(throws: ContainerError.cycle(["itself", "itself"])) { try await container.itself }
        await #expect(throws: ContainerError.cycle(["a", "b", "c", "a"])) { try await container.a }
        await #expect(throws: ContainerError.cycle(["b", "c", "a", "b"])) { try await container.b }
        #expect(
            ContainerError.cycle(["a", "b", "a"]).description == "parts need each other in a circle: a → b → a")
        // The others are not affected.
        #expect(try await container.second.name == "second of first")
    }

    @Test func `a cycle over two tasks is refused, and nobody waits for ever`() async throws {
        let results = await withTaskGroup(of: Result<Thing, any Error>.self) { [container] group in
            group.addTask { await Result.catching { try await container.a } }
            group.addTask { await Result.catching { try await container.c } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for result in results {
            #expect(throws: ContainerError.self) { try result.get() }
        }
    }

    @Test func `a task that outlives the build that started it may request the part`() async throws {
        let (results, result) = AsyncStream<Result<[String], any Error>>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let starter: @Sendable () async throws -> String = { [container] in
            try await container.part("starter") { "another" }
        }
        _ = try await container.part("starter") { [container] in
            Task {
                for await _ in gate {}
                result.yield(
                    await Result.catching {
                        [try await starter(), try await container.part("needs starter") { try await starter() }]
                    })
                result.finish()
            }
            return "starter"
        }
        open.finish()
        for await result in results { #expect(try result.get() == ["starter", "starter"]) }
    }

    @Test func `a replacement is used wherever the part is requested`() async throws {
        try await container.replace("first", with: Thing("fake"))
        try await container.replace("described", with: 42)
        try await container.replace("slow", with: Thing("fast"))
        #expect(try await container.first.name == "fake")
        #expect(try await container.second.name == "second of fake")
        #expect(try await container.described.description == "42")
        #expect(try await container.mixed.name == "second of fake, fast")
    }

    @Test func `a replacement of another type, or too late, is refused`() async throws {
        try await container.replace("first", with: "text")
        await #expect(throws: ContainerError.wrongReplacement(part: "first", expected: "Thing", found: "String")) {
            try await container.first
        }
        _ = try await container.numbered(1)
        await #expect(throws: ContainerError.replacedTooLate(part: "numbered 1")) {
            try await container.replace("numbered 1", with: Thing("fake"))
        }
    }

    @Test func `the container passes its settings to the parts`() {
        var settings = Settings()
        settings.http.port = 1
        #expect(Container(settings: settings).settings.http.port == 1)
    }
}

extension Result where Failure == any Error {
    static func catching(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
