public import SheafCore

/// Random numbers that are the same for the same seed on every machine.
public typealias SeededGenerator = SplitMix64
