import SheafCore

/// The shards of windows, and the names of their keys.
///
/// All windows of a recipient are in one shard, so that every script uses one slot of a cluster.
struct Shards: Sendable {
    let count: Int
    private let prefix: String

    init(_ options: RedisOptions) {
        count = options.shards
        prefix = options.prefix
    }

    /// The bits of a window's number in the debouncer that hold its shard. The other bits are its number within the
    /// shard, which is a moment in microseconds; they suffice until the year 2255.
    private static let bits = 10

    static func window(_ number: Int64, in shard: Int) -> WindowID { number << bits | Int64(shard) }

    /// The shard and the number within it; `nil` if there is no such shard.
    func place(of window: WindowID) -> (shard: Int, number: Int64)? {
        let shard = Int(window & (1 << Self.bits - 1))
        return window > 0 && shard < count ? (shard, window >> Self.bits) : nil
    }

    /// The shard of a recipient, the same in every process. The id is hashed, since recipients may be numbered in
    /// steps.
    func shard(of recipient: RecipientID) -> Int {
        Int(SplitMix64.mixed(UInt64(bitPattern: recipient)) % UInt64(count))
    }

    /// The key by which a script finds its shard.
    func due(_ shard: Int) -> String { "\(prefix){\(shard)}:due" }

    /// The key of the events that wait in windows of `key`.
    func events(of key: WindowKey) -> String {
        "\(prefix){\(shard(of: key.recipient))}:e:\(key.recipient):\(key.subkey)"
    }
}
