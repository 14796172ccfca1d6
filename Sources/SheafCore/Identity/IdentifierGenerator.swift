import Synchronization

/// Makes strictly increasing ids, also within one millisecond and when the clock steps back (RFC 9562, section 6.2,
/// method 1: a counter in `rand_a`).
public final class IdentifierGenerator: Sendable {
    /// The process's shared generator; one generator never repeats an id.
    public static let shared = IdentifierGenerator()

    private struct State {
        /// The milliseconds and the counter of the last id: its first 64 bits without the version.
        var last: UInt64 = 0
        /// Ids are not secret, so one seed from the system is enough.
        var random = SplitMix64(seed: .random(in: .min ... .max))
    }

    private let state = Mutex(State())

    public init() {}

    /// A new identifier for `now`.
    public func next<Entity>(_: Entity.Type = Entity.self, at now: Timestamp) -> Identifier<Entity> {
        let current = UInt64(clamping: max(0, now.milliseconds)) << 12
        let (stamp, random) = state.withLock { state in
            // A full counter overflows into the next millisecond, which RFC 9562 allows.
            state.last = max(current, state.last &+ 1)
            return (state.last, state.random.next())
        }
        let high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
        let low = random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Identifier(high: high, low: low)
    }
}
