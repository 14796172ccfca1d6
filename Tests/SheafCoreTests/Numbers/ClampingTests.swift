import SheafCore
import Testing

@Suite("Numbers from outside")
struct ClampingTests {
    @Test("Arithmetic is clamped at the bounds")
    func bounds() {
        #expect(Int.max.addingClamped(1) == .max && Int.min.addingClamped(-1) == .min && 2.addingClamped(3) == 5)
        #expect(Int.min.subtractingClamped(1) == .min && Int.max.subtractingClamped(-1) == .max)
        #expect(Int64.max.multipliedClamped(by: 1000) == .max && Int64.min.multipliedClamped(by: 1000) == .min)
        #expect(Int64.min.multipliedClamped(by: -1) == .max && Int64(-3).multipliedClamped(by: 2) == -6)
    }

    @Test("Impossible moments are clamped to the first or the last", arguments: [Int64.min, -1500, -1, 0, .max])
    func moments(number: Int64) {
        let moment = Timestamp(microseconds: number)
        let last = Timestamp(microseconds: .max)
        let first = Timestamp(microseconds: .min)
        #expect(moment + .seconds(Int64.max) >= moment && moment - .seconds(Int64.max) <= moment)
        #expect(last + .seconds(1) == last && first - .seconds(1) == first)
        #expect(last - first == .microseconds(Int64.max) && first - last == .microseconds(Int64.min))
        #expect(Timestamp(milliseconds: .max) == last && Timestamp(milliseconds: .min) == first)
        #expect(moment.milliseconds <= moment.microseconds / 1000)
        #expect(Timestamp(microseconds: -1500).milliseconds == -2)
    }
}
