import GRDB
import SheafCore

/// A transaction on the writer.
final class SQLiteTransaction: Transaction {
    let database: Database
    let now: Timestamp
    private let sources: SourceNames
    /// The topics that have new messages, to wake their consumers after the commit.
    private(set) var publishedTopics: Set<Topic> = []
    /// Whether rows were erased, of which no copy is to be left after the commit.
    var hasErased = false

    init(database: Database, now: Timestamp, sources: SourceNames) {
        self.database = database
        self.now = now
        self.sources = sources
    }
}

// MARK: - Events

extension SQLiteTransaction {
    func append(_ events: [Event]) throws -> [AppendOutcome] {
        let claim = try PreparedStatement(
            "INSERT INTO producer_ids (source, producer_id, event) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            in: database)
        let insert = try PreparedStatement(
            """
            INSERT INTO events
                (id, source, producer_id, type, recipient, key_part, occurred_at, received_at, payload, trace)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: database)
        return try events.map { event in
            let source = try sources.number(of: event.source, in: database)
            if let producerID = event.producerID, try claim.run(source, producerID, event.id) == 0 {
                return .duplicate(of: try holder(of: producerID, source: source) ?? event.id)
            }
            try insert.run(
                event.id, source, event.producerID, event.type, event.recipient, event.keyPart, event.occurredAt,
                event.receivedAt, event.payload, event.traceParent)
            return .stored
        }
    }

    private func holder(of producerID: String, source: Int64) throws -> EventID? {
        try database.first(
            "SELECT event FROM producer_ids WHERE source = ? AND producer_id = ?", source, producerID
        ) { $0.identifier(0) }
    }

    func markDead(_ events: [EventID], reason: String) throws -> [EventID] {
        try events.filter { event in
            try database.run(
                "UPDATE events SET status = ?, reason = ?, finished_at = ? WHERE id = ? AND status = 0",
                EventStatus.dead.rawValue, reason, now, event) == 1
        }
    }
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
            publishedTopics.insert(message.topic)
        }
    }
}

extension Topic {
    /// The number a topic is stored by.
    var number: Int {
        switch self {
        case .eventOccurred: 0
        case .notificationSend: 1
        }
    }
}

// MARK: - Bindings

extension SQLiteTransaction {
    func bind(_ bindings: [Binding]) throws {
        let finish = try PreparedStatement(
            "UPDATE events SET status = ?, reason = ?, binding = ?, finished_at = ? WHERE id = ? AND status = 0",
            in: database)
        let conflicts = try bindings.filter { try !end($0, by: finish) }.map(\.id)
        guard conflicts.isEmpty else { throw BindingConflict(bindings: conflicts) }
        for binding in bindings {
            try insert(binding)
            if case .notification(let content) = binding.composition { try insert(binding, content) }
        }
    }

    /// Ends the binding's events.
    /// - Returns: whether all of them were new.
    private func end(_ binding: Binding, by finish: PreparedStatement) throws -> Bool {
        let (status, reason): (EventStatus, String?) =
            switch binding.composition {
            case .notification: (.processed, nil)
            case .suppressed(let reason): (.suppressed, reason)
            }
        return try binding.events.allSatisfy { event in
            try finish.run(status.rawValue, reason, binding.id, now, event) == 1
        }
    }

    func insert(_ binding: Binding) throws {
        try database.run(
            """
            INSERT INTO bindings (id, recipient, events, window_key, opened_at, closes_at, bound_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            binding.id, binding.recipient, binding.events.flatMap(\.bytes), binding.window?.key.description,
            binding.window?.openedAt, binding.window?.closesAt, now)
    }

    func insert(_ binding: Binding, _ content: NotificationContent) throws {
        try database.run(
            """
            INSERT INTO notifications
                (id, recipient, type, list_title, list_description, full_title, full_text, event_count, created_at,
                 trace)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            binding.id, binding.recipient, binding.type, content.listTitle, content.listDescription,
            content.fullTitle, content.fullText, binding.events.count, now, binding.traceParent)
    }
}

// MARK: - Delivery

extension SQLiteTransaction {
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID> {
        var found: Set<NotificationID> = []
        for delivery in deliveries {
            let attempt = delivery.attempt
            let status = attempt.outcome.status
            // A notification that is no longer pending keeps its status.
            let place = try database.first(
                """
                UPDATE notifications SET attempts = attempts + 1,
                    status = iif(status = 0, ?, status), delivered_at = iif(status = 0, ?, delivered_at)
                WHERE id = ? RETURNING attempts
                """,
                (status ?? .pending).rawValue, status == .delivered ? attempt.at : nil, delivery.notification
            ) { $0.integer(0) }
            guard let place else { continue }
            found.insert(delivery.notification)
            try database.run(
                """
                INSERT INTO attempts (notification, place, number, at, outcome, http_status, error)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                delivery.notification, place, attempt.number, attempt.at, attempt.outcome.rawValue,
                attempt.httpStatus, attempt.error)
        }
        return found
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

extension DeliveryAttempt.Outcome {
    /// What a pending notification becomes by it.
    fileprivate var status: UserNotification.Status? {
        switch self {
        case .delivered: .delivered
        case .failed: .failed
        case .retry: nil
        }
    }
}

// MARK: - Dead letters

extension SQLiteTransaction {
    func insert(_ deadLetters: [DeadLetter]) throws {
        for letter in deadLetters {
            try database.run(
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
            try database.run("DELETE FROM dead_letters WHERE id = ?", letter.id)
            switch letter.body {
            case .event(let id):
                try database.run(
                    "UPDATE events SET status = 0, reason = NULL, finished_at = NULL WHERE id = ? AND status = ?", id,
                    EventStatus.dead.rawValue)
            case .notification(let id):
                try database.run(
                    "UPDATE notifications SET status = 0 WHERE id = ? AND status = ?", id,
                    UserNotification.Status.failed.rawValue)
            case nil: break
            }
        }
        return letters
    }
}
