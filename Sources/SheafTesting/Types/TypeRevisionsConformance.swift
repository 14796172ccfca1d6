public import SheafCore
import Testing

/// Revisions under test, over a store.
public protocol TypeRevisionsHarness: EventStoreHarness {
    var revisions: any TypeRevisions { get }

    /// The same revisions as another process sees them.
    func otherRevisions() async throws -> any TypeRevisions
}

/// The conformance checks for drivers of ``TypeRevisions``.
public enum TypeRevisionsConformance {
    public typealias Check = ConformanceCheck<any TypeRevisionsHarness>

    public static var checks: [Check] { revisions + codes + use }

    static var revisions: [Check] {
        [
            Check("There are no revisions at first") { harness async throws in
                #expect(try await harness.revisions.current() == nil)
                #expect(try await harness.revisions.newer(than: 0) == nil)
                #expect(try await harness.revisions.revision(1) == nil)
                #expect(try await harness.revisions.history(limit: 10).isEmpty)
                #expect(try await harness.revisions.contains("a") == false)
            },
            Check("A stored set becomes current for every process, unless it already is") { harness async throws in
                let (one, other) = (harness.revisions, try await harness.otherRevisions())
                #expect(try await one.append("a", after: 0) == .stored(1))
                #expect(try await other.append("a", after: 0) == .unchanged(1))
                #expect(try await other.append("b", after: 1) == .stored(2))
                #expect(try await one.current() == TypeRevision(number: 2, text: "b"))
                #expect(try await one.newer(than: 1) == TypeRevision(number: 2, text: "b"))
                #expect(try await one.newer(than: 2) == nil)
                #expect(try await one.revision(1) == TypeRevision(number: 1, text: "a"))
            },
            Check("A set that was checked against an older revision is not stored") { harness async throws in
                #expect(try await harness.revisions.append("a", after: 3) == .overtaken)
                #expect(try await harness.revisions.append("a", after: 0) == .stored(1))
                #expect(try await harness.revisions.append("b", after: 0) == .overtaken)
                #expect(try await harness.revisions.current()?.text == "a")
            },
            Check("A restored set is a new revision, and the history shows its origin") {
                harness async throws in
                for (index, text) in ["a", "b"].enumerated() {
                    _ = try await harness.revisions.append(text, after: index)
                }
                #expect(try await harness.revisions.append("a", after: 2, bringingBack: 1) == .stored(3))
                #expect(try await harness.revisions.current() == TypeRevision(number: 3, text: "a"))
                let history = try await harness.revisions.history(limit: 2)
                #expect(history.map(\.number) == [3, 2])
                #expect(history.map(\.broughtBack) == [1, nil])
                #expect(history.allSatisfy { $0.storedAt > Timestamp(microseconds: 0) })
            },
            Check("Every set that was ever stored is known, compared by bytes") { harness async throws in
                let texts = ["caf\u{E9}", "cafe\u{301}", "{\"types\":{}}", ""]
                for (index, text) in texts.enumerated() {
                    #expect(try await harness.revisions.contains(text) == false)
                    #expect(try await harness.revisions.append(text, after: index) == .stored(index + 1))
                }
                for text in texts { #expect(try await harness.revisions.contains(text)) }
                #expect(try await harness.revisions.contains("CAF\u{E9}") == false)
            },
            Check("A set may be large") { harness async throws in
                let text = String(repeating: "Ж", count: 1 << 20)
                #expect(try await harness.revisions.append(text, after: 0) == .stored(1))
                #expect(try await harness.otherRevisions().current()?.text == text)
                #expect(try await harness.revisions.append(text, after: 1) == .unchanged(1))
            },
            Check("If many store one set at once, one adds it") { harness async throws in
                let processes = [harness.revisions, try await harness.otherRevisions()]
                let results = try await all(of: processes) { try await $0.append("same", after: 0) }
                #expect(results.count { $0 == .stored(1) } == 1)
                #expect(results.count { $0 == .unchanged(1) } == results.count - 1)
                #expect(try await harness.revisions.history(limit: 10).count == 1)
            },
            Check("If many store different sets at once, one adds its own") { harness async throws in
                let processes = [harness.revisions, try await harness.otherRevisions()]
                let results = try await all(of: processes) { process in
                    try await process.append("\(UInt64.random(in: .min ... .max))", after: 0)
                }
                #expect(results.count { $0 == .stored(1) } == 1)
                #expect(results.count { $0 == .overtaken } == results.count - 1)
            },
        ]
    }

    static var codes: [Check] {
        [
            Check("A name has its code for ever, above those of types in Swift") { harness async throws in
                let first = try await harness.revisions.codes(for: ["b", "a"])
                #expect(first.values.allSatisfy { $0 >= EventType.firstDeclaredCode })
                #expect(Set(first.values).count == 2)
                let second = try await harness.otherRevisions().codes(for: ["c", "a", "b"])
                #expect(second["a"] == first["a"] && second["b"] == first["b"])
                #expect(Set(second.values).count == 3)
                #expect(try await harness.revisions.codes(for: []).isEmpty)
                let names = try await harness.revisions.names()
                #expect(names == Dictionary(uniqueKeysWithValues: second.map { ($1, $0) }))
            },
            Check("Names requested concurrently get the same codes") { harness async throws in
                let processes = [harness.revisions, try await harness.otherRevisions()]
                let names = (0..<30).map { "type_\($0)" }
                let results = try await all(of: processes) { try await $0.codes(for: names.shuffled()) }
                #expect(Set(results).count == 1)
                #expect(Set(results[0].values).count == names.count)
            },
        ]
    }

    static var use: [Check] {
        [
            Check("A type is in use while it has a live window, or an event that waits for one") {
                harness async throws in
                let policy = WindowPolicy(length: harness.ticks(1))
                let events = [1000, 1001, 1002].map { Samples().event(type: $0) }
                let types: Set<EventTypeCode> = [1000, 1001, 1002, 1003]
                let (one, other) = (harness.revisions, try await harness.otherRevisions())
                #expect(try await one.append("a", after: 0, unlessInUse: types) == .stored(1))
                try await harness.store.transaction("test") { transaction in
                    _ = try transaction.accept([
                        AdmittedEvent(events[0], .window(policy)), AdmittedEvent(events[1], .relayed),
                        AdmittedEvent(events[2], .ended(reason: "not_matching")),
                    ])
                }
                #expect(try await one.append("b", after: 1, unlessInUse: types) == .inUse([1000, 1001]))
                #expect(try await other.append("b", after: 1, unlessInUse: [1001, 1003]) == .inUse([1001]))
                #expect(try await other.append("b", after: 0, unlessInUse: types) == .overtaken)
                #expect(try await other.append("a", after: 1, unlessInUse: types) == .unchanged(1))
                #expect(try await one.append("b", after: 1, unlessInUse: [1002, 1003]) == .stored(2))
                try await harness.store.transaction("test") { _ = try $0.markDead([events[1].id], reason: "test") }
                #expect(try await one.append("c", after: 2, unlessInUse: types) == .inUse([1000]))
            },
            Check("An event checked with an older revision is not accepted, nor is its batch") {
                harness async throws in
                let (revisions, samples) = (harness.revisions, Samples())
                for (index, text) in ["a", "b"].enumerated() { _ = try await revisions.append(text, after: index) }
                let policy = WindowPolicy(length: harness.ticks(50))
                func accept(_ revision: Int, _ type: EventTypeCode = 1000) async throws {
                    let events = [
                        AdmittedEvent(samples.event(), .window(policy)),
                        AdmittedEvent(samples.event(type: type), .window(policy), revision: revision),
                    ]
                    try await harness.store.transaction("test") { _ = try $0.accept(events) }
                }
                await #expect(throws: SheafError.typesChanged) { try await accept(1) }
                #expect(try await harness.openWindows().isEmpty)
                try await accept(2)
                try await accept(0, 3)
                #expect(try await harness.openWindows().map(\.events) == [2, 1, 1])
            },
            Check("While events come in, a type is removed only if none of its events is left") {
                harness async throws in
                let (revisions, store) = (harness.revisions, harness.store)
                _ = try await revisions.append("a", after: 0)
                let policy = WindowPolicy(length: harness.ticks(500))
                for round in 1...10 {
                    let type = EventTypeCode(2000 + round)
                    let event = AdmittedEvent(Samples().event(type: type), .window(policy), revision: round)
                    async let accepted = Result { try await store.transaction("test") { _ = try $0.accept([event]) } }
                    async let appended = revisions.append("\(round)", after: round, unlessInUse: [type])
                    let (isAccepted, outcome) = (await accepted, try await appended)
                    if outcome == .inUse([type]) {
                        #expect(throws: Never.self) { try isAccepted.get() }
                        #expect(try await revisions.append("\(round)", after: round) == .stored(round + 1))
                    } else {
                        #expect(outcome == .stored(round + 1))
                        #expect(throws: SheafError.typesChanged) { try isAccepted.get() }
                    }
                }
            },
        ]
    }

    /// The results of ten concurrent callers in each process.
    private static func all<Result: Sendable>(
        of processes: [any TypeRevisions], _ body: @escaping @Sendable (any TypeRevisions) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for index in 0..<10 {
                let process = processes[index % processes.count]
                group.addTask { try await body(process) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension TypeRevisions {
    fileprivate func append(
        _ text: String, after number: Int, bringingBack origin: Int? = nil, unlessInUse types: Set<EventTypeCode> = []
    ) async throws -> AppendedRevision {
        try await append(text, after: number, bringingBack: origin, unlessInUse: types)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
