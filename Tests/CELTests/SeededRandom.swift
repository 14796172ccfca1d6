/// Random choices that are the same for the same seed on every machine: SplitMix64
/// (https://prng.di.unimi.it/splitmix64.c).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func pick<Choice>(_ first: Choice, _ others: Choice...) -> Choice {
        let place = below(others.count + 1)
        return place == 0 ? first : others[place - 1]
    }

    mutating func text(of letters: String, upTo count: Int) -> String {
        let letters = Array(letters)
        return String((0..<below(count + 1)).map { _ in letters[below(letters.count)] })
    }
}
