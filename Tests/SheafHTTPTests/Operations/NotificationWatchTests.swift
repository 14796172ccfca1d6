import SheafCore
import SheafTesting
import Testing

@testable import SheafHTTP

@Suite("The watch for new notifications")
struct NotificationWatchTests {
    private let start = TestClock.start
    private let identifiers = IdentifierGenerator()

    private func ids(_ count: Int, at moment: Timestamp) -> [NotificationID] {
        (0..<count).map { _ in identifiers.next(at: moment) }
    }

    /// The result of a poll of a store that holds `stored`.
    private func newest(_ stored: [NotificationID], _ watch: NotificationWatch) -> [NotificationID] {
        Array(stored.filter { $0 > watch.bound }.sorted(by: >).prefix(NotificationWatch.reach))
    }

    @Test("Each notification is new once, oldest first, even if it appears after a later one")
    func late() {
        var watch = NotificationWatch(from: start)
        let all = ids(6, at: start + .seconds(1))
        #expect(watch.look(newest([all[0], all[3]], watch), at: start + .seconds(2)) == [all[0], all[3]])
        #expect(watch.look(newest([all[0], all[3]], watch), at: start + .seconds(3)).isEmpty)
        #expect(watch.look(newest(all, watch), at: start + .seconds(4)) == [all[1], all[2], all[4], all[5]])
        #expect(watch.look(newest(all, watch), at: start + .seconds(5)).isEmpty)
    }

    @Test("Notifications older than the lag are not reported")
    func lag() {
        var watch = NotificationWatch(from: start)
        let old = ids(2, at: start + .seconds(1))
        let moment = start + NotificationWatch.lag
        #expect(watch.look(newest([old[1]], watch), at: moment) == [old[1]])
        #expect(watch.look(newest(old, watch), at: moment + .seconds(2)) == [old[0]])
        let later = ids(1, at: moment + .seconds(3))
        #expect(newest(old + later, watch) == later)
    }

    @Test("Beyond its reach nothing is new, even after newer notifications are erased")
    func reach() {
        var watch = NotificationWatch(from: start)
        let all = ids(NotificationWatch.reach + 10, at: start + .seconds(1))
        let found = watch.look(newest(all, watch), at: start + .seconds(2))
        #expect(found == Array(all.dropFirst(10)))
        let rest = all.dropLast(100)
        #expect(watch.look(newest(Array(rest), watch), at: start + .seconds(3)).isEmpty)
    }
}
