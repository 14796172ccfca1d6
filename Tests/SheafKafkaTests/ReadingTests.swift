import SheafCore
import Testing

@testable import SheafKafka

@Suite("The reading of a consumer's partitions")
struct ReadingTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    @Test("Calls about earlier generations are ignored")
    func generations() {
        var reading = Reading()
        reading.assign([partition])
        arrive(0..<4, &reading)
        let before = reading.take(limit: 2)
        expectEqual(reading.revoke([partition]), [:])
        expectEqual(reading.take(limit: 10), [])
        arrive(4..<6, &reading)
        reading.assign([partition])
        reading.finish(before.map(\.place))
        expectEqual(reading.nack(before.map(\.place)), false)
        arrive(0..<4, &reading)
        expectEqual(reading.take(limit: 10).map(\.record.offset), [0, 1, 2, 3])
        expectEqual(reading.takeCommits(), [:])
    }

    @Test("While a partition is revoked, records in flight may be finished, and no more are delivered")
    func leaving() {
        var reading = Reading()
        reading.assign([partition])
        arrive(0..<10, &reading)
        let taken = reading.take(limit: 4)
        expectEqual(reading.nack([taken[3].place]), true)
        reading.beginRevoking([partition])
        expectEqual(reading.take(limit: 10), [])
        #expect(reading.inHand(of: [partition]) == 3)
        reading.finish(taken[..<2].map(\.place))
        expectEqual(reading.revoke([partition]), [partition: 2])
        #expect(reading.assigned.isEmpty && reading.waiting == 0 && reading.waitingBytes == 0)
    }

    @Test("A commit is sent once, and again if it failed")
    func commits() {
        var reading = Reading()
        reading.assign([partition])
        arrive(0..<3, &reading)
        let taken = reading.take(limit: 3)
        reading.finish([taken[0].place])
        #expect(reading.finishedSinceCommit == 1)
        expectEqual(reading.takeCommits(), [partition: 1])
        expectEqual(reading.takeCommits(), [:])
        #expect(reading.finishedSinceCommit == 0)
        reading.commitFailed([partition])
        expectEqual(reading.takeCommits(), [partition: 1])
    }

    @Test("A recreated log is noticed, and none of its records are taken")
    func truncated() {
        var reading = Reading()
        reading.assign([partition])
        arrive(5..<8, &reading)
        let before = reading.take(limit: 2)
        expectEqual(reading.arrive(records(0..<2)), false)
        reading.finish(before.map(\.place))
        expectEqual(reading.takeCommits(), [partition: 7])
        expectEqual(reading.take(limit: 10).map(\.record.offset), [7])
    }

    @Test("Each record is finished in the end, whatever partitions come and go", arguments: 0..<100 as Range<UInt64>)
    func anyOrder(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World()
        for _ in 0..<400 { world.step(&random) }
        world.finishAll()
    }

    private func arrive(_ offsets: Range<Int64>, _ reading: inout Reading) {
        expectEqual(reading.arrive(records(offsets)), true)
    }

    private func records(_ offsets: Range<Int64>) -> [SourceRecord] { offsets.map { World.record(0, $0) } }
}

/// A reading and its brokers: four partitions with 100 records each.
private struct World {
    private static let count: Int64 = 100

    static func record(_ partition: Int32, _ offset: Int64) -> SourceRecord {
        SourceRecord(
            topic: "t", partition: partition, offset: offset, key: nil, value: [1, 2, 3], headers: [], timestamp: nil)
    }

    private let names = (0..<4 as Range<Int32>).map { TopicPartition(topic: "t", partition: $0) }
    private var reading = Reading()
    /// The next offsets that the brokers would send, for assigned partitions.
    private var fetched: [TopicPartition: Int64] = [:]
    private var committed: [TopicPartition: Int64] = [:]
    private var inHand: [ReceivedRecord] = []
    /// Records that were finished in time, so they may be committed.
    private var done: [TopicPartition: Set<Int64>] = [:]

    mutating func step(_ random: inout SplitMix64) {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: assign(names.randomElement(using: &random))
        case 1: revoke(names.randomElement(using: &random))
        case 2: commit(reading.takeCommits())
        case 3..<9: fetch(names.randomElement(using: &random), Int64.random(in: 1...9, using: &random))
        case 9..<13: take(Int.random(in: 1...10, using: &random))
        case 13..<15: nack(Int.random(in: 0...5, using: &random), &random)
        default: finish(Int.random(in: 0...5, using: &random), &random)
        }
    }

    mutating func finishAll() {
        for name in names { assign(name) }
        for _ in 0..<100 {
            for name in names { fetch(name, 50) }
            take(1000)
            var generator = SplitMix64(seed: 0)
            finish(inHand.count, &generator)
        }
        commit(reading.takeCommits())
        #expect(names.allSatisfy { committed[$0] == Self.count })
        #expect(names.allSatisfy { done[$0]?.count == Int(Self.count) })
    }

    private mutating func assign(_ name: TopicPartition?) {
        guard let name, fetched[name] == nil else { return }
        fetched[name] = committed[name] ?? 0
        reading.assign([name])
    }

    private mutating func revoke(_ name: TopicPartition?) {
        guard let name, fetched.removeValue(forKey: name) != nil else { return }
        commit(reading.revoke([name]))
    }

    private mutating func fetch(_ name: TopicPartition?, _ count: Int64) {
        guard let name, let start = fetched[name] else { return }
        let end = min(start + count, Self.count)
        expectEqual(reading.arrive((start..<end).map { Self.record(name.partition, $0) }), true)
        fetched[name] = end
    }

    private mutating func take(_ limit: Int) {
        let taken = reading.take(limit: limit)
        #expect(taken.count <= limit)
        #expect(Set(taken.map(\.place)).isDisjoint(with: inHand.map(\.place)))
        inHand += taken
    }

    private mutating func nack(_ count: Int, _ random: inout SplitMix64) {
        inHand.shuffle(using: &random)
        _ = reading.nack(inHand.suffix(count).map(\.place))
        inHand.removeLast(min(count, inHand.count))
    }

    private mutating func finish(_ count: Int, _ random: inout SplitMix64) {
        inHand.shuffle(using: &random)
        let finished = inHand.suffix(count)
        reading.finish(finished.map(\.place))
        for received in finished { done[TopicPartition(received.record), default: []].insert(received.record.offset) }
        inHand.removeLast(min(count, inHand.count))
    }

    private mutating func commit(_ offsets: [TopicPartition: Int64]) {
        for (name, offset) in offsets {
            let isWhole = (0..<offset).allSatisfy { done[name]?.contains($0) == true }
            #expect(isWhole, "committed beyond a record that is not done")
            #expect(offset >= committed[name] ?? 0)
            committed[name] = offset
        }
    }
}
