import SheafCore

/// The parts of the outbox that consumers divide among themselves. All messages of one recipient are in one shard.
enum OutboxShard {
    static let count = 16

    /// The shard of `recipient`'s messages: the upper bits of the first random number with the recipient as the seed.
    /// It is stored with the messages, so it must never change.
    static func of(_ recipient: RecipientID) -> Int {
        var numbers = SplitMix64(seed: UInt64(bitPattern: recipient))
        return Int(numbers.next() >> 60)
    }

    /// How many shards the member at `rank` of `members` should hold. Together they hold all, and the numbers differ by
    /// at most one.
    static func share(rank: Int, members: Int) -> Int {
        guard members > 0 else { return 0 }
        return count / members + (rank < count % members ? 1 : 0)
    }
}

/// The position of a message in its shard.
struct OutboxPosition: Hashable, Comparable {
    let due: Int64
    /// Unique in the outbox.
    let number: Int64

    static let beginning = OutboxPosition(due: .min, number: .min)

    static func < (left: Self, right: Self) -> Bool { (left.due, left.number) < (right.due, right.number) }
}

/// A notice between processes over `NOTIFY`.
enum OutboxNotice: Hashable {
    /// A process wrote messages of a topic.
    case messages(Topic, String)
    /// A process's consumer of a topic came, went or released shards.
    case shards(Topic, String)
    /// A process wrote windows that are due soon.
    case windows(String)

    /// The channel's name as an SQL literal.
    static let channel: StaticString = "'sheaf_outbox'"
    static let listen: StaticString = "LISTEN sheaf_outbox"

    var text: String {
        switch self {
        case .messages(let topic, let process): "messages \(topic.rawValue) \(process)"
        case .shards(let topic, let process): "shards \(topic.rawValue) \(process)"
        case .windows(let process): "windows \(process)"
        }
    }

    /// `nil` for a notice of another version.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        if words.count == 2 && words[0] == "windows" {
            self = .windows(words[1])
            return
        }
        guard words.count == 3, let topic = Topic(rawValue: words[1]) else { return nil }
        switch words[0] {
        case "messages": self = .messages(topic, words[2])
        case "shards": self = .shards(topic, words[2])
        default: return nil
        }
    }
}
