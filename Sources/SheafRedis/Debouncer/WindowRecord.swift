import SheafCore

/// A window in the form of the scripts: its member in the sorted sets and its record in the recipient's hash.
struct WindowRecord {
    /// The number within the shard.
    let number: Int64
    let key: WindowKey
    let openedAt: Timestamp
    let closesAt: Timestamp
    let token: Int64
    let events: Int
    let attempt: Int
    /// An upper bound for the bytes of payloads.
    let bytes: Int

    /// - Parameters:
    ///   - member: `NUMBER:RECIPIENT`.
    ///   - record: three numbers of eight bytes, three of four, the policy as three numbers of eight, the length and
    ///     bytes of the leader's id, and the subkey.
    init(member: RedisValue, record: RedisValue) throws {
        let (name, bytes) = (try member.text().split(separator: ":", maxSplits: 1), try record.bytes())
        guard name.count == 2, let number = Int64(name[0]), let recipient = Int64(name[1]), bytes.count > 60,
            bytes.count >= 61 + Int(bytes[60]),
            let key = WindowKey(subkey: bytes.dropFirst(61 + Int(bytes[60])), recipient: recipient)
        else { throw SheafError(.storage, "Redis holds a window that cannot be read") }
        self.number = number
        self.key = key
        openedAt = Timestamp(microseconds: bytes.bigEndian(0..<8))
        closesAt = Timestamp(microseconds: bytes.bigEndian(8..<16))
        token = bytes.bigEndian(16..<24)
        events = Int(bytes.bigEndian(24..<28))
        attempt = Int(bytes.bigEndian(28..<32))
        self.bytes = Int(bytes.bigEndian(32..<36))
    }

    func openWindow(in shard: Int) -> LiveWindow {
        LiveWindow(
            id: Shards.window(number, in: shard), key: key, events: events, bytes: bytes, openedAt: openedAt,
            closesAt: closesAt)
    }
}

extension WindowKey {
    /// Type and part, which distinguish the keys of one recipient: `TYPE` or `TYPE:PART`.
    var subkey: String { part.map { "\(type):\($0)" } ?? String(type) }

    init?(subkey: some Collection<UInt8>, recipient: RecipientID) {
        let parts = subkey.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let type = parts.first.flatMap({ EventTypeCode(String(decoding: $0, as: UTF8.self)) }) else { return nil }
        self.init(
            type: type, recipient: recipient,
            part: parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : nil)
    }
}

extension [UInt8] {
    /// The unsigned number in these bytes.
    fileprivate func bigEndian(_ range: Range<Int>) -> Int64 {
        Int64(bitPattern: self[range].reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
    }

    /// Concatenated event ids.
    var eventIDs: [EventID] {
        stride(from: 0, to: count - count % 16, by: 16).compactMap { EventID(bytes: self[$0..<$0 + 16]) }
    }
}
