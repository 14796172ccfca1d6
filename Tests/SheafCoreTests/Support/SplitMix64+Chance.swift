import SheafCore

extension SplitMix64 {
    /// Whether something that happens once in `times` happens.
    mutating func one(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}
