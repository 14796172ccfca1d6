import SheafCore
import Testing

@Suite("The generator of identifiers")
struct IdentifierGeneratorTests {
    private enum Thing {}

    private static let now = Timestamp(milliseconds: 1_795_424_400_000)

    @Test("Ids grow within one millisecond, and overflow at most into the next")
    func oneMillisecond() {
        let generator = IdentifierGenerator()
        let ids = (0..<5000).map { _ in generator.next(Thing.self, at: Self.now) }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { $0.high >> 12 & 0xF == 7 && $0.low >> 62 == 0b10 })
        #expect(ids.last.map { $0.timestamp - Self.now } == .milliseconds(1))
    }

    @Test("Ids grow even when the clock goes back")
    func clockGoesBack() {
        let generator = IdentifierGenerator()
        let ids = [0, -3_600_000, 1, -1, 2].map { offset in
            generator.next(Thing.self, at: Self.now + .milliseconds(offset))
        }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("Ids grow with any clock", arguments: [3, 4, 5] as [UInt64])
    func anyClock(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let generator = IdentifierGenerator()
        let ids = (0..<2000).map { _ in
            generator.next(Thing.self, at: Self.now + .milliseconds(Int.random(in: -50...50, using: &random)))
        }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("Moments before 1970 and in the far future are handled")
    func oddMoments() {
        let generator = IdentifierGenerator()
        let early = generator.next(Thing.self, at: Timestamp(milliseconds: -5))
        let late = generator.next(Thing.self, at: .distantFuture)
        #expect(early.timestamp == Timestamp(milliseconds: 0))
        #expect(late.timestamp.milliseconds == Timestamp.distantFuture.milliseconds)
    }

    @Test("Concurrent tasks get different ids, growing within each task")
    func concurrency() async {
        let generator = IdentifierGenerator()
        let rows = await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    (0..<2000).map { index in
                        // Each task's clock is off by its own amount.
                        generator.next(Thing.self, at: Self.now + .milliseconds(index / 500 - task))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(rows.allSatisfy { row in zip(row, row.dropFirst()).allSatisfy { $0 < $1 } })
        #expect(Set(rows.joined()).count == 16_000)
    }
}
