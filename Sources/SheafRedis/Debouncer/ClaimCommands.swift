import SheafCore

/// Claims due windows of one shard.
struct ClaimWindows: RedisCommand {
    static let name = "EVALSHA claim"
    let script: RedisScript?
    let arguments: RedisArguments
    private let shard: Int

    init(_ script: RedisScript, due key: String, shard: Int, windows: Int, events: Int, lease: Duration) {
        self.script = script
        self.shard = shard
        var arguments = script.run(keys: key)
        arguments.append(max(windows, 0))
        arguments.append(events)
        arguments.append(lease.scriptMicroseconds)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> ClaimBatch<WindowClaim> {
        let due = try DueParts(reply)
        let claims = try due.windows.map { parts in
            let record = try WindowRecord(member: parts[0], record: parts[1])
            return WindowClaim(
                id: Shards.window(record.number, in: shard), token: record.token,
                window: WindowSpan(key: record.key, openedAt: record.openedAt, closesAt: record.closesAt),
                events: try parts[2].bytes().eventIDs, bytes: record.bytes, attempt: record.attempt,
                lateness: max(.zero, due.now - record.closesAt))
        }
        return ClaimBatch(claims: claims, nextDueIn: due.nextDueIn)
    }
}

/// Finds the due windows of one shard without claiming them.
struct PeekWindows: RedisCommand {
    struct Due: Sendable {
        let shard: Int
        let at: Int64
        let number: Int64
        let events: Int
    }

    static let name = "EVALSHA peek"
    let script: RedisScript?
    let arguments: RedisArguments
    private let shard: Int

    init(_ script: RedisScript, due key: String, shard: Int, windows: Int, events: Int) {
        self.script = script
        self.shard = shard
        var arguments = script.run(keys: key)
        arguments.append(max(windows, 0))
        arguments.append(events)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> (windows: [Due], nextDueIn: Duration?) {
        let due = try DueParts(reply)
        let windows = try due.windows.map { parts in
            guard let number = Int64(try parts[1].text().prefix { $0 != ":" }) else {
                throw SheafError(.storage, "Redis holds a window that cannot be read")
            }
            return Due(shard: shard, at: try parts[0].number(), number: number, events: Int(try parts[2].number()))
        }
        return (windows, due.nextDueIn)
    }
}

/// The reply to claiming and peeking: the moment, the time until the next window, and three values for each window.
private struct DueParts {
    let now: Timestamp
    let nextDueIn: Duration?
    let windows: [[RedisValue]]

    init(_ reply: RedisValue) throws {
        let elements = try reply.elements()
        guard elements.count >= 2, elements.count % 3 == 2 else {
            throw SheafError(.storage, "Redis returned other windows than requested")
        }
        now = Timestamp(microseconds: try elements[0].number())
        let wait = try elements[1].number()
        nextDueIn = wait < 0 ? nil : .microseconds(wait)
        windows = stride(from: 2, to: elements.count, by: 3).map { Array(elements[$0..<$0 + 3]) }
    }
}
