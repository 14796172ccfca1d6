public import SheafCore

/// The debouncer on Redis, which runs on the server's clock. Each operation is one script for each shard; the scripts
/// of all shards are sent together.
public final class RedisDebouncer: Debouncer {
    let client: RedisClient
    let scripts: DebouncerScripts
    let shards: Shards

    public convenience init(_ client: RedisClient) { self.init(client, scripts: DebouncerScripts()) }

    init(_ client: RedisClient, scripts: DebouncerScripts) {
        self.client = client
        self.scripts = scripts
        shards = Shards(client.options)
    }

    public func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] {
        var commands: [Int: AddEvents] = [:]
        for (place, entry) in entries.enumerated() {
            let shard = shards.shard(of: entry.key.recipient)
            commands[shard, default: AddEvents(scripts.add, due: shards.due(shard))].append(entry, at: place)
        }
        var admissions: [DebounceAdmission?] = Array(repeating: nil, count: entries.count)
        for answers in try await client.execute(Array(commands.values)) {
            for answer in answers { admissions[answer.place] = answer.admission }
        }
        return admissions.compactMap(\.self)
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        try await client.execute(
            FlushWindow(scripts.flush, due: shards.due(shards.shard(of: key.recipient)), key))
    }

    public func boundDues(lease: Duration) async throws -> Int {
        var (count, rest) = (0, Array(0..<shards.count))
        // A script handles at most a thousand windows, so that none blocks the server for long. Those of a clock far
        // ahead come first.
        while !rest.isEmpty {
            let moved = try await client.execute(
                rest.map { BoundWindows(scripts.bound, due: shards.due($0), lease: lease, limit: 1000) })
            count += moved.reduce(0, +)
            rest = zip(rest, moved).filter { $0.1 > 0 }.map(\.0)
        }
        return count
    }

    public func erase(recipient: RecipientID) async throws {
        try await client.execute(
            EraseWindows(scripts.erase, due: shards.due(shards.shard(of: recipient)), of: recipient))
    }
}

// MARK: - Reading

extension RedisDebouncer {
    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        let place = cursor.flatMap { shards.place(of: $0) }
        let pages = try await client.execute(
            (0..<shards.count).map { shard in
                ListWindows(
                    scripts.list, due: shards.due(shard), shard: shard, after: place, limit: max(limit, 0) + 1)
            })
        let found = pages.flatMap(\.items).sorted { $0.id < $1.id }
        let items = Array(found.prefix(max(limit, 0)))
        return LiveWindowPage(
            items: items, total: pages.reduce(0) { $0 + $1.total },
            next: found.count > items.count ? items.last?.id : nil)
    }

    public func window(of event: EventID, key: WindowKey) async throws -> LiveWindow? {
        let shard = shards.shard(of: key.recipient)
        return try await client.execute(
            FindWindow(scripts.find, due: shards.due(shard), shard: shard, of: event, key: key))
    }

    public func openWindow(of key: WindowKey) async throws -> LiveWindow? {
        let shard = shards.shard(of: key.recipient)
        return try await client.execute(FindWindow(scripts.open, due: shards.due(shard), shard: shard, openOf: key))
    }

    public func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry] {
        let places = Dictionary(grouping: entries.indices) { entries[$0].key }
        let groups = Array(places)
        let scores = try await client.execute(
            groups.map { key, places in
                ScoresOfMembers(key: shards.events(of: key), members: places.lazy.map { entries[$0].event.bytes })
            })
        var isMissing = Array(repeating: true, count: entries.count)
        for (group, scores) in zip(groups, scores) {
            for (place, score) in zip(group.value, scores) where score != nil { isMissing[place] = false }
        }
        return entries.indices.filter { isMissing[$0] }.map { entries[$0] }
    }
}
