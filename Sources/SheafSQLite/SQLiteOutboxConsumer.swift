import GRDB
import SheafCore

/// Delivers the outbox's messages of one topic to this process's tasks.
///
/// Messages in flight are remembered here and deleted when acknowledged, so a message costs one row written and one
/// deleted. After a crash the rows still exist.
actor SQLiteOutboxConsumer: OutboxConsumer {
    /// How often it polls for messages of other processes.
    private static let pollInterval = Duration.seconds(1)

    private let topic: Topic
    private let database: SQLiteDatabase
    private let wakeUp: WakeUp
    private var inFlight: Set<Position> = []
    /// Everything up to here was delivered or is known to be in flight; `nil` to read from the beginning.
    private var cursor: Position?
    private var lastLookFromBeginning: Timestamp?
    private var isLooking = false
    private let lookEnded = WakeUp()
    /// Messages that ended during a read, which may still see their rows.
    private var endedMeanwhile: Set<Position> = []
    private var wasNacked = false

    /// The primary key of a message without its topic.
    private struct Position: Hashable {
        let due: Int64
        let body: MessageBody
    }

    init(topic: Topic, database: SQLiteDatabase) {
        self.topic = topic
        self.database = database
        wakeUp = database.outboxWakeUps[topic] ?? WakeUp()
    }

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
        let topic = topic
        try await database.write { try OutboxDeletion(topic, in: $0).delete(messages) }
        forget(messages)
    }

    func forget(_ messages: [ReceivedMessage]) {
        for message in messages {
            let position = Self.position(of: message)
            inFlight.remove(position)
            if isLooking { endedMeanwhile.insert(position) }
        }
    }

    func nack(_ messages: [ReceivedMessage]) async {
        for message in messages { inFlight.remove(Self.position(of: message)) }
        cursor = nil
        wasNacked = isLooking
        wakeUp.notify()
    }

    /// Messages that are due and not in flight. One task reads at a time, since each read moves the cursor.
    private func take(limit: Int) async throws -> [ReceivedMessage] {
        try await lookEnded.wait { isLooking }
        isLooking = true
        defer {
            isLooking = false
            endedMeanwhile = []
            lookEnded.notify()
        }
        let now = database.clock.now
        // A message that another process committed late may be before the cursor.
        if let last = lastLookFromBeginning, now < last || now - last >= Self.pollInterval { cursor = nil }
        if cursor != nil {
            let messages = try await look(now, limit: limit)
            if !messages.isEmpty { return messages }
            cursor = nil
        }
        lastLookFromBeginning = now
        return try await look(now, limit: limit)
    }

    private func look(_ now: Timestamp, limit: Int) async throws -> [ReceivedMessage] {
        let found = try await due(now, after: cursor, limit: cursor == nil ? limit + inFlight.count : limit)
        let messages = Array(
            found.lazy.filter { message in
                let position = Self.position(of: message)
                return !self.inFlight.contains(position) && !self.endedMeanwhile.contains(position)
            }.prefix(limit))
        for message in messages { inFlight.insert(Self.position(of: message)) }
        // If messages were handed back meanwhile, the cursor must not move past them.
        if let last = messages.last, !wasNacked { cursor = Self.position(of: last) }
        wasNacked = false
        return messages
    }

    private func due(_ now: Timestamp, after cursor: Position?, limit: Int) async throws -> [ReceivedMessage] {
        let topic = topic
        // An empty blob sorts before every body.
        let body = cursor?.body.bytes ?? []
        return try await database.look { database in
            try database.rows(
                """
                SELECT due, body, recipient, attempt FROM outbox
                WHERE topic = ? AND (due, body) > (?, ?) AND due <= ? ORDER BY due, body LIMIT ?
                """,
                topic.number, cursor?.due ?? Int64.min, body, now, limit
            ) { columns in
                guard let found = columns.body(1, of: topic) else { return nil }
                return ReceivedMessage(
                    message: QueueMessage(key: columns.integer(2), body: found, attempt: Int(columns.integer(3))),
                    position: MessagePosition(partition: columns.integer(0), offset: found.number))
            }
        }
    }

    private func nextDueIn() async throws -> Duration? {
        let topic = topic.number
        let now = database.clock.now
        let due = try await database.look { database in
            try database.first(
                "SELECT due FROM outbox WHERE topic = ? AND due > ? ORDER BY due LIMIT 1", topic, now
            ) { $0.timestamp(0) }
        }
        return due.map { $0 - now }
    }

    private static func position(of message: ReceivedMessage) -> Position {
        Position(due: message.position.partition, body: message.message.body)
    }
}

extension MessageBody {
    /// Distinguishes messages that are due at the same moment.
    fileprivate var number: Int64 {
        switch self {
        case .event(let id): Int64(bitPattern: id.low)
        case .notification(let id): Int64(bitPattern: id.low)
        }
    }
}
