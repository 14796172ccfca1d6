import SheafCore

extension SplitMix64 {
    /// Returns true once in `times` calls on average.
    mutating func one(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}
