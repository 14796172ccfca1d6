import Synchronization

/// Makes identifiers that only grow, also within one millisecond and when the clock steps back
/// (RFC 9562, section 6.2, method 1: a counter in `rand_a`).
public final class IdentifierGenerator: Sendable {
    /// The process's own generator; identifiers from one generator never repeat.
    public static let shared = IdentifierGenerator()

    private struct State {
        /// The milliseconds and the counter of the last identifier, as they stand in its first 64 bits less the version.
        var last: UInt64 = 0
        /// Identifiers are no secrets, so one look at the system's randomness is enough for all.
        var random = SplitMix64(seed: .random(in: .min ... .max))
    }

    private let state = Mutex(State())

    public init() {}

    /// A new identifier for `now`.
    public func next<Entity>(_: Entity.Type = Entity.self, at now: Timestamp) -> Identifier<Entity> {
        let current = UInt64(clamping: max(0, now.milliseconds)) << 12
        let (stamp, random) = state.withLock { state in
            // A full counter runs over into the next millisecond, which RFC 9562 allows.
            state.last = max(current, state.last &+ 1)
            return (state.last, state.random.next())
        }
        let high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
        let low = random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Identifier(high: high, low: low)
    }
}
