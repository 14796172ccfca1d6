import SheafCore
import Testing

@testable import SheafKafka

@Suite("The tracker of a partition's records")
struct OffsetTrackerTests {
    @Test("Only records finished without a gap may be committed")
    func prefix() {
        var tracker = OffsetTracker<String>()
        for offset in [3, 4, 7, 8] as [Int64] { tracker.handOut("\(offset)", at: offset) }
        #expect(tracker.committable == nil)
        tracker.finish(4)
        #expect(tracker.committable == nil)
        tracker.finish(3)
        #expect(tracker.committable == 5)
        tracker.finish(8)
        #expect(tracker.committable == 5)
        tracker.finish(7)
        #expect(tracker.committable == 9)
        #expect(tracker.inHand == 0)
    }

    @Test("The highest possible offset can be finished")
    func lastOffset() {
        var tracker = OffsetTracker<String>()
        for offset in [Int64.max - 1, .max] { tracker.handOut("", at: offset) }
        tracker.finish(.max - 1)
        #expect(tracker.committable == .max)
        tracker.finish(.max)
        #expect(tracker.committable == .max && tracker.inHand == 0)
    }

    @Test("A record that is handed back is delivered again unless it is finished")
    func nacked() {
        var tracker = OffsetTracker<String>()
        for offset in 0..<3 as Range<Int64> { tracker.handOut("\(offset)", at: offset) }
        expectEqual(tracker.nack(1), true)
        expectEqual(tracker.nack(1), false)
        expectEqual(tracker.handOutAgain(1), "1")
        expectEqual(tracker.handOutAgain(1), nil)
        expectEqual(tracker.nack(2), true)
        tracker.finish(2)
        expectEqual(tracker.handOutAgain(2), nil)
        expectEqual(tracker.nack(2), false)
        expectEqual(tracker.nack(17), false)
        expectEqual(tracker.finish(17), false)
    }

    @Test("Finishing through an offset includes all records before it")
    func through() {
        var tracker = OffsetTracker<Int>()
        for offset in 0..<10 as Range<Int64> { tracker.handOut(0, at: offset) }
        expectEqual(tracker.nack(3), true)
        expectEqual(tracker.finish(through: 6), 7)
        #expect(tracker.committable == 7)
        expectEqual(tracker.finish(through: 2), 0)
        #expect(tracker.committable == 7)
        #expect(tracker.inHand == 3)
        expectEqual(tracker.finish(through: 99), 3)
        #expect(tracker.committable == 10)
    }

    @Test(
        "Nothing is ever committed beyond an unfinished record", arguments: 0..<200 as Range<UInt64>)
    func anyOrder(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var tracker = OffsetTracker<Int64>()
        var (next, inHand, returned): (Int64, Set<Int64>, Set<Int64>) = (0, [], [])
        for _ in 0..<300 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                next += Int64.random(in: 1...3, using: &random)
                tracker.handOut(next, at: next)
                inHand.insert(next)
            case 2:
                let offset = Int64.random(in: 0...next, using: &random)
                let wasOpen = inHand.remove(offset) != nil || returned.remove(offset) != nil
                let (finished, nacked) = (tracker.finish(offset), tracker.nack(offset))
                #expect(finished == wasOpen && !nacked)
            case 3:
                guard let offset = inHand.randomElement(using: &random) else { continue }
                expectEqual(tracker.nack(offset), true)
                inHand.remove(offset)
                returned.insert(offset)
            default:
                guard let offset = returned.randomElement(using: &random) else { continue }
                expectEqual(tracker.handOutAgain(offset), offset)
                returned.remove(offset)
                inHand.insert(offset)
            }
            #expect(tracker.inHand == inHand.count)
            if let open = inHand.union(returned).min() {
                #expect((tracker.committable ?? 0) <= open)
            } else if next > 0 {
                #expect(tracker.committable == next + 1)
            }
        }
        for offset in inHand.union(returned).shuffled(using: &random) { tracker.finish(offset) }
        #expect(tracker.committable == (next > 0 ? next + 1 : nil))
    }
}
