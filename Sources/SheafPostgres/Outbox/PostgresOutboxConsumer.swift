import SheafCore

/// Delivers the outbox's messages of one topic to this process's tasks, from the shards that it holds under a lease.
///
/// Messages in flight are remembered here and deleted when acknowledged, so a message costs one row written and one
/// deleted. If the process dies, the rows still exist, and its lease ends.
actor PostgresOutboxConsumer: OutboxConsumer {
    /// How long a change can go unnoticed if its notification is lost.
    private static let pollInterval = Duration.seconds(1)
    /// How often to look for late commits while there is plenty to read.
    private static let lookBack = Duration.milliseconds(100)
    /// The minimum number of messages read ahead from each shard.
    private static let readAhead = 64

    private let membership: OutboxMembership
    private let reading: OutboxReading
    private let database: PostgresDatabase
    private let wakeUp: WakeUp
    /// Wakes the heartbeat.
    private let heartbeatWakeUp: WakeUp

    private var prefetch = OutboxPrefetch()
    /// The shards it holds, without those that it will release once their messages in flight have ended.
    private var active: Set<Int> = []
    private var leaving: Set<Int> = []
    private var leaseEnds = ContinuousClock.now
    private var heartbeatUnderWay: Task<Void, any Error>?
    private var heartbeats: Task<Void, Never>?
    private var isRetired = false

    private var isLooking = false
    private let lookEnded = WakeUp()
    /// Messages that ended during a read, which may still see their rows.
    private var endedMeanwhile: Set<Int64> = []
    /// Whether the current read does not show up to where all messages are known.
    private var mustLookAgain = false
    /// Shards taken during a read.
    private var renewedMeanwhile: Set<Int> = []
    private var limitOfShard = PostgresOutboxConsumer.readAhead
    private var lastLookBack: (at: ContinuousClock.Instant, generation: UInt64)?

    init(topic: Topic, database: PostgresDatabase, wakeUp: WakeUp, heartbeatWakeUp: WakeUp) {
        let hub = database.outbox
        membership = OutboxMembership(
            topic: topic, member: IdentifierGenerator.shared.next(at: database.clock.now), process: hub.process,
            lease: database.options.lease)
        reading = OutboxReading(topic: topic)
        self.database = database
        self.wakeUp = wakeUp
        self.heartbeatWakeUp = heartbeatWakeUp
    }

    nonisolated var member: Identifier<OutboxMembership> { membership.member }

    func receive(limit: Int) async throws -> [ReceivedMessage] {
        while true {
            let generation = wakeUp.generation
            try Task.checkCancellation()
            let messages = try await take(limit: limit)
            if !messages.isEmpty { return messages }
            let next = try await nextDueIn()
            try await wakeUp.wait(
                after: generation, atMost: min(next ?? Self.pollInterval, Self.pollInterval), on: database.clock)
        }
    }

    func acknowledge(_ messages: [ReceivedMessage]) async throws {
        guard !messages.isEmpty else { return }
        try await database.run(reading.delete(messages))
        await forget(messages)
    }

    func forget(_ messages: [ReceivedMessage]) async {
        guard !messages.isEmpty else { return }
        let numbers = messages.map(\.position.offset)
        prefetch.end(numbers)
        if isLooking { endedMeanwhile.formUnion(numbers) }
        releaseWhatEnded()
        await database.outbox.noteDeleted(messages.count)
    }

    func nack(_ messages: [ReceivedMessage]) async {
        guard !messages.isEmpty else { return }
        prefetch.nack(messages.map(\.position.offset))
        mustLookAgain = isLooking
        releaseWhatEnded()
        wakeUp.notify()
    }

    // MARK: Reading

    /// Messages that are due and not in flight. One task reads at a time.
    private func take(limit: Int) async throws -> [ReceivedMessage] {
        try await lookEnded.wait { isLooking }
        isLooking = true
        defer {
            isLooking = false
            endedMeanwhile = []
            mustLookAgain = false
            lookEnded.notify()
        }
        try await holdLease()
        if prefetch.countAhead < limit { try await look(limit: limit) }
        // A process that was paused continues here without knowing it; another may hold its shards by now.
        guard holdsLease, !isRetired else { return [] }
        return prefetch.handOut(limit)
    }

    private func look(limit: Int) async throws {
        let (now, generation) = (ContinuousClock.now, wakeUp.generation)
        if let last = lastLookBack {
            let pause = last.generation == generation ? Self.pollInterval : Self.lookBack
            if now - last.at < pause, try await read(limit: limit) > 0 || prefetch.countAhead > 0 { return }
        }
        // A message that was committed late may be before the cursors.
        prefetch.rewind()
        lastLookBack = (now, generation)
        _ = try await read(limit: limit)
    }

    /// Reads on after the cursors.
    /// - Returns: how many messages are new.
    private func read(limit: Int) async throws -> Int {
        guard !active.isEmpty else { return 0 }
        let ranges = ranges()
        mustLookAgain = false
        renewedMeanwhile = []
        let before = active
        let found = try await database.run(reading.due(ranges)) { [reading] in try $0.map(reading.entry) }
        // Shards that were lost and taken again during the read start from the beginning.
        let count = prefetch.add(
            found, of: before.intersection(active).subtracting(renewedMeanwhile), ended: endedMeanwhile,
            movesCursors: !mustLookAgain)
        adapt(found, limit)
        return count
    }

    private func ranges() -> [OutboxReading.Range] {
        // A read from the beginning must skip the known messages.
        let known = active.allSatisfy { prefetch.cursors[$0] != nil } ? [:] : prefetch.countsKnown()
        return active.sorted().map { shard in
            let cursor = prefetch.cursors[shard]
            return OutboxReading.Range(
                shard: shard, after: cursor ?? .beginning,
                limit: limitOfShard + (cursor == nil ? known[shard, default: 0] : 0))
        }
    }

    /// Reads more from each shard if only few shards have many messages, so that batches stay large.
    private func adapt(_ found: [OutboxPrefetch.Entry], _ limit: Int) {
        let isCutShort = Dictionary(grouping: found, by: \.shard).values.contains { $0.count >= limitOfShard }
        if found.count < limit && isCutShort {
            limitOfShard = min(limitOfShard * 4, max(limit, Self.readAhead))
        } else if found.count > 2 * limit {
            limitOfShard = max(limitOfShard / 2, Self.readAhead)
        }
    }

    private func nextDueIn() async throws -> Duration? {
        guard !active.isEmpty else { return nil }
        return try await database.run(reading.nextDueIn(active)) { rows in
            try rows.first?.optionalInteger(0).map { .microseconds(max(0, $0)) }
        }
    }

    // MARK: Leases

    private var holdsLease: Bool { ContinuousClock.now < leaseEnds }

    private func holdLease() async throws {
        if isRetired { throw SheafError(.unavailable, "the outbox's consumer was closed") }
        if !holdsLease { try await heartbeat() }
    }

    /// Sends heartbeats until the consumer retires.
    func start() {
        guard heartbeats == nil, !isRetired else { return }
        heartbeats = Task { [weak self, heartbeatWakeUp, clock = database.clock, pause = database.options.heartbeat] in
            while !Task.isCancelled {
                let generation = heartbeatWakeUp.generation
                // A task that receives messages reports that the server cannot be reached.
                try? await self?.heartbeat()
                guard self != nil else { return }
                try? await heartbeatWakeUp.wait(after: generation, atMost: pause, on: clock)
            }
        }
    }

    private func heartbeat() async throws {
        if let heartbeatUnderWay { return try await heartbeatUnderWay.value }
        let task = Task { try await translatingFailures { try await self.heartbeatOnce() } }
        heartbeatUnderWay = task
        defer { heartbeatUnderWay = nil }
        try await task.value
    }

    private func heartbeatOnce() async throws {
        let start = ContinuousClock.now
        let control = database.outbox.control
        let found = try await control.run { [membership] in try membership.heartbeat($0) }
        adopt(found, since: start)
        let surplus = active.count - found.share
        if surplus > 0 {
            // Prefer shards without messages in flight, which can be released at once.
            let busy = Dictionary(uniqueKeysWithValues: active.map { ($0, prefetch.countHandedOut(in: $0)) })
            for shard in active.sorted(by: { busy[$0, default: 0] < busy[$1, default: 0] }).prefix(surplus) {
                active.remove(shard)
                leaving.insert(shard)
                prefetch.leave(shard)
            }
        } else {
            // Another consumer left before these shards were released.
            let kept = Set(leaving.prefix(-surplus))
            leaving.subtract(kept)
            enter(kept)
        }
        let ended = leaving.filter { prefetch.countHandedOut(in: $0) == 0 }
        let missing = found.share - active.count - leaving.count
        guard !ended.isEmpty || missing > 0 else { return }
        let taken = try await control.run { [membership] in
            try membership.change($0, release: ended, take: missing)
        }
        leaving.subtract(ended)
        guard !isRetired else { return }
        enter(taken)
    }

    private func adopt(_ found: OutboxMembership.HeartbeatResult, since start: ContinuousClock.Instant) {
        guard !isRetired else { return }
        for shard in active.subtracting(found.held) {
            active.remove(shard)
            prefetch.leave(shard)
        }
        leaving.formIntersection(found.held)
        enter(found.held.subtracting(active).subtracting(leaving))
        leaseEnds = start + membership.lease
    }

    private func enter(_ shards: Set<Int>) {
        guard !shards.isEmpty else { return }
        for shard in shards { prefetch.leave(shard) }
        active.formUnion(shards)
        if isLooking { renewedMeanwhile.formUnion(shards) }
        wakeUp.notify()
    }

    private func releaseWhatEnded() {
        if leaving.contains(where: { prefetch.countHandedOut(in: $0) == 0 }) { heartbeatWakeUp.notify() }
    }

    /// Ends the consumer: waiting tasks fail, and its shards become free at once, or `successor`'s.
    func retire(successor: Identifier<OutboxMembership>?) async {
        guard !isRetired else { return }
        abandon()
        _ = try? await heartbeatUnderWay?.value
        // If the server cannot be reached, the lease expires by itself.
        try? await database.outbox.control.run { [membership] in try membership.leave($0, successor: successor) }
    }

    /// Expires the lease, as happens to a process that was paused.
    func expireLease() { leaseEnds = .now }

    /// Ends the consumer as a crash would.
    func abandon() {
        isRetired = true
        heartbeats?.cancel()
        active = []
        leaving = []
        wakeUp.notify()
    }
}
