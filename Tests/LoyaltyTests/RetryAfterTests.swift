import SheafCore
import Testing

@testable import Loyalty

@Suite struct RetryAfterTests {
    private let now = Timestamp(milliseconds: 784_111_777_000)

    @Test func `seconds and dates are understood`() {
        #expect(RetryAfter.duration("0", now: now) == .zero)
        #expect(RetryAfter.duration("120", now: now) == .seconds(120))
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .zero)
        #expect(RetryAfter.duration("Sun, 06 Nov 1994 08:50:00 GMT", now: now) == .seconds(23))
        #expect(RetryAfter.duration("Sat, 05 Nov 1994 08:50:00 GMT", now: now) == .zero)
    }

    @Test func `a number beyond all measure stays within it`() {
        #expect(RetryAfter.duration("9223372036854775807", now: now) == .seconds(31_536_000))
    }

    @Test(arguments: ["", "-1", "soon", "1.5", "99999999999999999999", "Sun, 06 Foo 1994 08:49:37 GMT", "6 Nov 1994"])
    func `what is neither says nothing`(_ text: String) {
        #expect(RetryAfter.duration(text, now: now) == nil)
    }
}
