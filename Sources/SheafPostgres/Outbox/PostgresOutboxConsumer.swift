import SheafCore

/// Hands the outbox' messages of one topic to this process's tasks, from the shards it holds under a lease.
///
/// What is handed out is remembered here and deleted when acknowledged, so a message costs one row written and one
/// deleted; when the process dies the rows are still there, and its lease ends.
actor PostgresOutboxConsumer: OutboxConsumer {
    /// How long something may go unnoticed of which the notification was lost.
    private static let pollInterval = Duration.seconds(1)
    /// While there is plenty to read, how often late commits are looked for.
    private static let lookBack = Duration.milliseconds(100)
    /// Messages read ahead of each shard, at least.
    private static let readAhead = 64

    private let membership: OutboxMembership
    private let reading: OutboxReading
    private let database: PostgresDatabase
    private let wakeUp: WakeUp
    /// Wakes the heartbeat.
    private let heartbeatWakeUp: WakeUp

    private var prefetch = OutboxPrefetch()
    /// The shards it holds, less those it will release once what is handed out of them has ended.
    private var active: Set<Int> = []
    private var leaving: Set<Int> = []
    private var leaseEnds = ContinuousClock.now
    private var heartbeatUnderWay: Task<Void, any Error>?
    private var heartbeats: Task<Void, Never>?
    private var isRetired = false

    private var isLooking = false
    private let lookEnded = WakeUp()
    /// Ended while a look is under way, which may still see their rows.
    private var endedMeanwhile: Set<Int64> = []
    /// Whether what a look finds does not say how far all is known.
    private var mustLookAgain = false
    /// Shards taken while a look is under way.
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

    // MARK: Looking

    /// Messages that are due and not handed out yet. One task looks at a time.
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
        // A process that was stopped goes on here without knowing it: someone else may have its shards by now.
        guard holdsLease, !isRetired else { return [] }
        return prefetch.handOut(limit)
    }

    private func look(limit: Int) async throws {
        let (now, generation) = (ContinuousClock.now, wakeUp.generation)
        if let last = lastLookBack {
            let pause = last.generation == generation ? Self.pollInterval : Self.lookBack
            if now - last.at < pause, try await read(limit: limit) > 0 || prefetch.countAhead > 0 { return }
        }
        // A message that was committed late may lie before the cursors.
        prefetch.rewind()
        lastLookBack = (now, generation)
        _ = try await read(limit: limit)
    }

    /// Reads on behind the cursors.
    /// - Returns: how many messages are new.
    private func read(limit: Int) async throws -> Int {
        guard !active.isEmpty else { return 0 }
        let ranges = ranges()
        mustLookAgain = false
        renewedMeanwhile = []
        let before = active
        let found = try await database.run(reading.due(ranges)) { [reading] in try $0.map(reading.entry) }
        // Shards that were lost and taken anew meanwhile begin anew.
        let count = prefetch.add(
            found, of: before.intersection(active).subtracting(renewedMeanwhile), ended: endedMeanwhile,
            movesCursors: !mustLookAgain)
        adapt(found, limit)
        return count
    }

    private func ranges() -> [OutboxReading.Range] {
        // From the beginning what is known is to be stepped over.
        let known = active.allSatisfy { prefetch.cursors[$0] != nil } ? [:] : prefetch.countsKnown()
        return active.sorted().map { shard in
            let cursor = prefetch.cursors[shard]
            return OutboxReading.Range(
                shard: shard, after: cursor ?? .beginning,
                limit: limitOfShard + (cursor == nil ? known[shard, default: 0] : 0))
        }
    }

    /// Reads more of each shard where few shards have much, so that batches stay large.
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
        if isRetired { throw SheafError(.unavailable, "the outbox' consumer was closed") }
        if !holdsLease { try await heartbeat() }
    }

    /// Beats until the consumer retires.
    func start() {
        guard heartbeats == nil, !isRetired else { return }
        heartbeats = Task { [weak self, heartbeatWakeUp, clock = database.clock, pause = database.options.heartbeat] in
            while !Task.isCancelled {
                let generation = heartbeatWakeUp.generation
                // A server that is away is told to those who ask for messages.
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
            // Rather those of which nothing is handed out, which can be released at once.
            let busy = Dictionary(uniqueKeysWithValues: active.map { ($0, prefetch.countHandedOut(in: $0)) })
            for shard in active.sorted(by: { busy[$0, default: 0] < busy[$1, default: 0] }).prefix(surplus) {
                active.remove(shard)
                leaving.insert(shard)
                prefetch.leave(shard)
            }
        } else {
            // Another went before these shards did.
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

    /// Ends the consumer: tasks that wait for messages fail, and its shards are anyone's at once, or `successor`'s.
    func retire(successor: Identifier<OutboxMembership>?) async {
        guard !isRetired else { return }
        abandon()
        _ = try? await heartbeatUnderWay?.value
        // Where the server is away, the lease ends by itself.
        try? await database.outbox.control.run { [membership] in try membership.leave($0, successor: successor) }
    }

    /// Lets the lease be over, as it is for a process that stood still.
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
