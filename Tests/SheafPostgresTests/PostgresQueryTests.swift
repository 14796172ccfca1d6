import SheafCore
import Testing

@testable import SheafPostgres

@Suite("Queries")
struct PostgresQueryTests {
    @Test("Interpolated values are bound and never written into the text")
    func binding() {
        let name = "'; DROP TABLE events; --"
        let query: PostgresQuery = "SELECT 1 WHERE a = \(name) AND b = ANY(\([Int64(1), 2])) AND c = \(Int64?.none)"
        #expect(query.sql == "SELECT 1 WHERE a = $1 AND b = ANY($2) AND c = $3")
        #expect(query.parameters.map(\.oid) == [25, 1016, 20])
        #expect(query.parameters[0].bytes == Array(name.utf8) && query.parameters[2].bytes == nil)
    }

    @Test("U+0000 becomes the replacement character")
    func nul() { #expect(PostgresParameter("a\0b").bytes == Array("a\u{FFFD}b".utf8)) }

    @Test("Recipients are spread evenly over the shards, and always to the same")
    func shards() {
        var counts = Array(repeating: 0, count: OutboxShard.count)
        for recipient in Int64(0)..<16_000 { counts[OutboxShard.of(recipient)] += 1 }
        #expect(counts.allSatisfy { $0 > 850 && $0 < 1150 })
        // Rows written by other versions must be found.
        #expect([0, 1, 42, -1, .max].map(OutboxShard.of) == [14, 9, 11, 14, 2])
    }

    @Test("Members share all shards, and their numbers differ by at most one", arguments: 1...20)
    func shares(members: Int) {
        let shares = (0..<members).map { OutboxShard.share(rank: $0, members: members) }
        #expect(shares.reduce(0, +) == OutboxShard.count)
        #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
    }

    @Test("Notices round-trip, and unknown ones are ignored")
    func notices() {
        for notice in [OutboxNotice.messages(.eventOccurred, "a"), .shards(.notificationSend, "b"), .windows("c")] {
            #expect(OutboxNotice(notice.text) == notice)
        }
        #expect(["", "messages", "messages x y", "news event_occurred y"].allSatisfy { OutboxNotice($0) == nil })
    }
}
