import GRDB
import SheafCore

/// A transaction on the writer.
final class SQLiteTransaction: Transaction {
    let database: Database
    let now: Timestamp
    let sources: SourceNames
    let producerIDs: ProducerIDs
    let claims: WindowClaims
    /// What to do once it is durable.
    var effects = CommitEffects()
    /// By how much it changes the counts.
    var counts = StoreCounts.zero

    init(
        database: Database, now: Timestamp, sources: SourceNames, producerIDs: ProducerIDs, claims: WindowClaims
    ) {
        self.database = database
        self.producerIDs = producerIDs
        self.now = now
        self.sources = sources
        self.claims = claims
    }

    /// Writes what is written once for a transaction.
    func finish() throws { try counts.add(in: database) }
}

/// The effects of a durable transaction on this process.
struct CommitEffects: Sendable {
    /// The topics with new messages, whose consumers must be woken.
    var publishedTopics: Set<Topic> = []
    /// The earliest due time of a window that was written.
    var dueAt: Timestamp?
    /// The sources to which it assigned numbers.
    var sources: [(name: String, number: Int64)] = []
    /// Windows whose claims have ended.
    var endedWindows: [WindowID] = []
    /// Whether rows were erased, so that no copy of them may remain in the log.
    var hasErased = false

    mutating func note(dueAt moment: Timestamp) { dueAt = min(dueAt ?? moment, moment) }
}

// MARK: - Messages

extension SQLiteTransaction {
    func publish(_ messages: [QueueMessage]) throws {
        let insert = try PreparedStatement(
            """
            INSERT INTO outbox (topic, due, body, recipient, attempt, written_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, in: database)
        for message in messages {
            try insert.run(
                message.topic.number, now + message.delay, message.body, message.key, message.attempt, now)
            effects.publishedTopics.insert(message.topic)
        }
    }

    func acknowledge(_ messages: [ReceivedMessage]) throws {
        for topic in Topic.allCases {
            let own = messages.filter { $0.message.topic == topic }
            if !own.isEmpty { try OutboxDeletion(topic, in: database).delete(own) }
        }
    }
}

// MARK: - Delivery

extension SQLiteTransaction {
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID> {
        let update = try PreparedStatement(
            """
            UPDATE notifications SET attempts = attempts + 1, status = ?, delivered_at = ?
            WHERE id = ? AND status = 0 RETURNING attempts, recipient
            """, in: database)
        // A notification that is no longer pending keeps its status.
        let count = try PreparedStatement(
            "UPDATE notifications SET attempts = attempts + 1 WHERE id = ? RETURNING attempts", in: database)
        let insert = try PreparedStatement(
            "INSERT INTO attempts (notification, place, number, at, outcome, http_status, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
            in: database)
        var pending: [NotificationID: RecipientID] = [:]
        for delivery in deliveries {
            let attempt = delivery.attempt
            let status = attempt.outcome.status
            var place = try update.first(
                (status ?? .pending).rawValue, status == .delivered ? attempt.at : nil, delivery.notification
            ) { columns in
                pending[delivery.notification] = columns.integer(1)
                return columns.integer(0)
            }
            if place != nil, let status, status != .pending { counts.pending -= 1 }
            if place == nil {
                place = try count.first(delivery.notification) { $0.integer(0) }
            }
            guard let place else { continue }
            try insert.run(
                delivery.notification, place, attempt.number, attempt.at, attempt.outcome.rawValue,
                attempt.httpStatus, attempt.error)
        }
        try changeTurns(deliveries, of: pending)
        return Set(pending.keys)
    }

    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool {
        if let id {
            return try database.run(
                "UPDATE notifications SET read_at = ifnull(read_at, ?) WHERE id = ? AND recipient = ?", now, id,
                recipient) == 1
        }
        try database.run(
            "UPDATE notifications SET read_at = ? WHERE recipient = ? AND read_at IS NULL", now, recipient)
        return try database.first("SELECT 1 FROM notifications WHERE recipient = ? LIMIT 1", recipient) { _ in true }
            ?? false
    }
}

// MARK: - Dead letters

extension SQLiteTransaction {
    func insert(_ deadLetters: [DeadLetter]) throws {
        for letter in deadLetters {
            counts.deadLetters += try database.run(
                """
                INSERT OR IGNORE INTO dead_letters
                    (id, topic, reason, error, message, body_topic, body, recipient, failed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                letter.id, letter.topic, letter.reason, letter.error, letter.message, letter.body?.topic.rawValue,
                letter.body, letter.recipient, letter.failedAt)
        }
    }

    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter] {
        let letters: [DeadLetter] =
            if let ids {
                try ids.prefix(limit).compactMap { id in
                    try database.first(
                        "SELECT \(DeadLetter.columns) FROM dead_letters WHERE id = ? AND body IS NOT NULL", id,
                        map: DeadLetter.init(columns:))
                }
            } else {
                try database.rows(
                    "SELECT \(DeadLetter.columns) FROM dead_letters WHERE body IS NOT NULL ORDER BY id LIMIT ?", limit,
                    map: DeadLetter.init(columns:))
            }
        for letter in letters {
            counts.deadLetters -= try database.run("DELETE FROM dead_letters WHERE id = ?", letter.id)
            guard case .notification(let id) = letter.body else { continue }
            let isRedriven = try database.run(
                "UPDATE notifications SET status = 0 WHERE id = ? AND status = ?", id,
                UserNotification.Status.failed.rawValue)
            guard isRedriven == 1 else { continue }
            counts.pending += 1
            try goLast(id, of: letter.recipient ?? 0)
        }
        return letters
    }
}
