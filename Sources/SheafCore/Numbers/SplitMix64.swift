/// Random numbers that are the same for the same seed on every machine: SplitMix64
/// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014;
/// https://prng.di.unimi.it/splitmix64.c).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// The generator's finaliser: mixes `bits` so well that any part of the result is as good as random. Different bits
    /// give different results. Stored values may depend on it, so it must never change.
    public static func mixed(_ bits: UInt64) -> UInt64 {
        var mixed = bits
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
