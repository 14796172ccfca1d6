import SheafCore

/// Makes the open window of a key due now.
struct FlushWindow: RedisCommand {
    static let name = "EVALSHA flush"
    let script: RedisScript?
    let arguments: RedisArguments

    init(_ script: RedisScript, due key: String, _ window: WindowKey) {
        self.script = script
        var arguments = script.run(keys: key)
        arguments.append(window.recipient)
        arguments.append(window.subkey)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> Bool { try reply.number() == 1 }
}

/// Lists open windows of one shard in the order in which they were opened.
struct ListWindows: RedisCommand {
    static let name = "EVALSHA list"
    let script: RedisScript?
    let arguments: RedisArguments
    private let shard: Int

    /// - Parameter cursor: the shard and number of the window after which the list begins, in the order of all shards.
    init(_ script: RedisScript, due key: String, shard: Int, after cursor: (shard: Int, number: Int64)?, limit: Int) {
        self.script = script
        self.shard = shard
        var arguments = script.run(keys: key)
        // Windows with the same number are ordered by shard.
        arguments.append(cursor.map { ($0.shard < shard ? "" : "(") + String($0.number) } ?? "-inf")
        arguments.append(max(limit, 0))
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> (items: [LiveWindow], total: Int) {
        let elements = try reply.elements()
        let items = try stride(from: 1, to: elements.count - 1, by: 2).map { index in
            try WindowRecord(member: elements[index], record: elements[index + 1]).openWindow(in: shard)
        }
        return (items, Int(try elements.first?.number() ?? 0))
    }
}

/// Finds the window in which an event waits, or the open window of a key.
struct FindWindow: RedisCommand {
    static let name = "EVALSHA find"
    let script: RedisScript?
    let arguments: RedisArguments
    private let shard: Int

    init(_ script: RedisScript, due key: String, shard: Int, of event: EventID, key window: WindowKey) {
        self.script = script
        self.shard = shard
        var arguments = script.run(keys: key)
        arguments.append(window.recipient)
        arguments.append(window.subkey)
        arguments.append(event.bytes)
        self.arguments = arguments
    }

    /// - Parameter window: the key whose open window is searched.
    init(_ script: RedisScript, due key: String, shard: Int, openOf window: WindowKey) {
        self.script = script
        self.shard = shard
        var arguments = script.run(keys: key)
        arguments.append(window.recipient)
        arguments.append(window.subkey)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> LiveWindow? {
        let elements = try reply.elements()
        guard elements.count == 2 else { return nil }
        return try WindowRecord(member: elements[0], record: elements[1]).openWindow(in: shard)
    }
}

/// Corrects the times at which windows of one shard are ready.
struct BoundWindows: RedisCommand {
    static let name = "EVALSHA bound"
    let script: RedisScript?
    let arguments: RedisArguments

    init(_ script: RedisScript, due key: String, lease: Duration, limit: Int) {
        self.script = script
        var arguments = script.run(keys: key)
        arguments.append(lease.microseconds)
        arguments.append(limit)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> Int { Int(try reply.number()) }
}

/// Deletes a recipient's windows.
struct EraseWindows: RedisCommand {
    static let name = "EVALSHA erase"
    let script: RedisScript?
    let arguments: RedisArguments

    init(_ script: RedisScript, due key: String, of recipient: RecipientID) {
        self.script = script
        var arguments = script.run(keys: key)
        arguments.append(recipient)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws { _ = try reply.number() }
}
