import SheafCore
import Testing

@Suite struct DueEstimateTests {
    private let start = Timestamp(microseconds: 1_000_000)

    private func sum(
        due: (rows: Int, sum: Int), later: (rows: Int, sum: Int), total: Int, after share: Double = 0.5
    ) -> Int {
        DueEstimate(
            due: DueEstimate.Sample(rows: due.rows, sum: due.sum),
            later: DueEstimate.Sample(rows: later.rows, sum: later.sum), total: total
        ).sum(at: start + .microseconds(Int64(1000 * share)), from: start, to: start + .microseconds(1000))
    }

    @Test("Exact if either end was read as a whole") func exact() {
        #expect(sum(due: (10_000, 12_345), later: (0, 0), total: 99_999) == 12_345)
        #expect(sum(due: (10_001, 20_000), later: (10_000, 30_000), total: 1_000_000) == 970_000)
    }

    @Test("Between what was read at both ends, and growing with time and with the total") func between() {
        let (due, later) = ((rows: 10_001, sum: 20_000), (rows: 10_001, sum: 30_000))
        #expect(sum(due: due, later: later, total: 1_000_000) == 495_000)
        let shares = [-1, 0, 0.1, 0.5, 0.9, 1, 2].map { sum(due: due, later: later, total: 1_000_000, after: $0) }
        #expect(shares == shares.sorted() && shares.first == 20_000 && shares.last == 970_000)
        let totals = [0, 40_000, 60_000, 1_000_000].map { sum(due: due, later: later, total: $0) }
        #expect(totals == totals.sorted() && totals.first == 20_000)
    }
}
