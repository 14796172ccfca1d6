import SheafCore
import Testing

@Suite("The windows that a page of a recipient's events is read from")
struct RecipientEventReadingTests {
    private func id(_ number: UInt64) -> EventID { EventID(high: 0, low: number) }

    /// A window from its first and last event, newest first.
    private func reading(_ windows: [(UInt64, UInt64, events: Int)], limit: Int) -> RecipientEventReading {
        RecipientEventReading(
            newest: windows.enumerated().map { index, window in
                .init(id: Int64(index), first: id(window.0), last: id(window.1), events: window.events)
            }, limit: limit)
    }

    @Test("One window is enough if its events fill a page and are newer than all others")
    func disjoint() {
        let reading = reading([(90, 99, events: 10), (80, 89, events: 10), (70, 79, events: 10)], limit: 9)
        #expect(reading.windows.map(\.id) == [0])
        #expect(reading.floor == id(90))
        let full = reading.page(of: (90...99).reversed().map(id))
        #expect(full.count == 9 && full.next == id(91))
        let short = reading.page(of: [id(99), id(95)])
        #expect(short.count == 2 && short.next == id(90))
    }

    @Test("Of a window that overlaps the next only the last event is sure")
    func overlapping() {
        let windows = [(10, 99, events: 10), (20, 98, events: 10), (30, 97, events: 10), (40, 96, events: 10)]
        let reading = reading(windows.map { (UInt64($0.0), UInt64($0.1), events: $0.events) }, limit: 2)
        #expect(reading.windows.map(\.id) == [0, 1, 2])
        #expect(reading.floor == id(97))
    }

    @Test("Windows with the same last event are all read, or none of them, so that each page gets further")
    func ties() {
        let two = reading([(5, 5, events: 1), (5, 5, events: 1), (5, 5, events: 1), (4, 4, events: 1)], limit: 1)
        #expect(two.windows.map(\.id) == [0, 1, 2])
        #expect(two.floor == id(5))
        // There may be more windows, but not with the same last event.
        let all = reading([(5, 5, events: 1), (5, 5, events: 1), (5, 5, events: 1)], limit: 1)
        #expect(all.windows.count == 3 && all.floor == id(5))
        #expect(all.page(of: []).next == id(5))
    }

    @Test("Without windows left out the page is complete")
    func few() {
        #expect(reading([], limit: 3).floor == nil)
        let reading = reading([(1, 9, events: 2), (2, 3, events: 2)], limit: 3)
        #expect(reading.windows.count == 2 && reading.floor == nil)
        let page = reading.page(of: [id(9), id(3)])
        #expect(page.count == 2 && page.next == nil)
    }

    @Test("A page may begin just after the last identifier of a number")
    func carry() {
        let windows = (0..<3).map {
            RecipientEventReading.Window(
                id: $0, first: EventID(high: UInt64(9 - $0), low: .max), last: EventID(high: UInt64(9 - $0), low: .max),
                events: 1)
        }
        #expect(RecipientEventReading(newest: windows, limit: 1).floor == EventID(high: 8, low: 0))
    }
}
