import SheafCore
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
    @Test("The numbers are those of the reference implementation")
    func numbers() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        for number in expected { #expect(generator.next() == number) }
    }

    @Test("A number is its mixed state")
    func mixing() {
        var generator = SplitMix64(seed: 42)
        #expect(generator.next() == SplitMix64.mixed(42 &+ 0x9E37_79B9_7F4A_7C15))
        #expect(SplitMix64.mixed(0) == 0)
    }
}
