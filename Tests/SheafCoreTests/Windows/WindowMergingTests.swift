import SheafCore
import SheafTesting
import Testing

@Suite("Merging of waiting windows")
struct WindowMergingTests {
    @Test("Event counts are clamped, and windows merge only up to the maximum")
    func counts() {
        for (maxEvents, merges) in [(Int.max, true), (.max - 1, false)] {
            let windows = (1...2).map { id in
                WindowMerging.Window(
                    id: id, key: Samples.key(), token: id, isAlone: false, due: TestClock.start, reason: nil,
                    attempt: .max, events: .max - 1, bytes: 1)
            }
            var merging = WindowMerging(windows, waiting: [], at: TestClock.start)
            for window in windows {
                let claim = ClaimedWindow(
                    id: window.id, token: window.token, revision: 0, window: Samples().window(), isAlone: false,
                    events: [], attempt: .max, lateness: .zero)
                merging.add(Postponement(claim, delay: .seconds(1), reason: .service, maxEvents: maxEvents))
            }
            #expect(merging.moves == (merges ? [2: 1] : [:]))
            #expect(merging.changed.map(\.events) == (merges ? [.max] : [.max - 1, .max - 1]))
        }
    }
}
