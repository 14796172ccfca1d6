import Synchronization

/// Makes identifiers that only grow, also within one millisecond and when the clock steps back
/// (RFC 9562, section 6.2, method 1: a counter in `rand_a`).
public final class IdentifierGenerator: Sendable {
    /// The process's own generator; identifiers from one generator never repeat.
    public static let shared = IdentifierGenerator()

    /// The milliseconds and the counter of the last identifier, as they stand in its first 64 bits less the version.
    private let last = Mutex<UInt64>(0)

    public init() {}

    /// A new identifier for `now`.
    public func next<Entity>(_: Entity.Type = Entity.self, at now: Timestamp) -> Identifier<Entity> {
        let current = UInt64(clamping: max(0, now.milliseconds)) << 12
        let stamp = last.withLock { last in
            // A full counter runs over into the next millisecond, which RFC 9562 allows.
            last = max(current, last &+ 1)
            return last
        }
        let high = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF)
        let low = UInt64.random(in: .min ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Identifier(high: high, low: low)
    }
}
