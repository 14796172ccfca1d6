import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Shards and windows' numbers")
struct ShardsTests {
    private func shards(_ count: Int) -> Shards { Shards(RedisOptions(shards: count)) }

    @Test("Recipients are spread evenly, even if numbered in steps", arguments: [1, 7, 16, 64, 1024, 1 << 20])
    func spread(step: Int64) {
        let shards = shards(16)
        var counts = Array(repeating: 0, count: 16)
        for recipient in 0..<16_000 { counts[shards.shard(of: Int64(recipient) * step)] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) })
    }

    @Test("A recipient's shard never changes") func stable() {
        let found = [Int64.min, -1, 0, 1, 42, .max].map { shards(1024).shard(of: $0) }
        #expect(found == [394, 379, 0, 485, 546, 701])
    }

    @Test("A window's number holds its shard") func numbers() throws {
        let (shards, now) = (shards(5), Int64(1_795_424_400_000_000))
        for shard in 0..<5 {
            let place = try #require(shards.place(of: Shards.window(now, in: shard)))
            #expect(place.shard == shard && place.number == now)
        }
        #expect(shards.place(of: Shards.window(now, in: 5)) == nil)
        #expect(shards.place(of: -1) == nil)
        #expect(Shards.window(now, in: 1023) < Shards.window(now + 1, in: 0))
        // The year 2255.
        #expect(Shards.window(9_000_000_000_000_000, in: 1023) > 0)
    }

    @Test("Invalid prefixes and numbers of shards are corrected") func options() {
        let options = RedisOptions(shards: 0, prefix: "a{b}:")
        #expect(options.shards == 1 && options.prefix == "ab:")
        #expect(RedisOptions(shards: 5000).shards == RedisOptions.maximumShards)
    }
}
