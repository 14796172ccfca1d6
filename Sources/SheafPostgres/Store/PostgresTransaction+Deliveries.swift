import SheafCore

extension PostgresTransaction {
    func record(_ deliveries: [DeliveryRecord]) throws -> Set<NotificationID> {
        guard !deliveries.isEmpty else { return [] }
        var changes: [NotificationID: DeliveryChange] = [:]
        for delivery in deliveries { changes[delivery.notification, default: DeliveryChange()].add(delivery.attempt) }
        // Sorted, so that no two transactions deadlock.
        let sorted = changes.sorted { $0.key < $1.key }
        // The number of earlier attempts, after which new ones are numbered; a notification without one no longer
        // exists.
        var places: [NotificationID: Int64] = [:]
        var pending: [NotificationID: RecipientID] = [:]
        // The recipients for whom something waited.
        var ended: Set<RecipientID> = []
        let updated = try session.rows(
            """
            WITH ended AS (
                DELETE FROM delivery_turns
                WHERE notification = ANY(\(sorted.filter { $0.value.status != nil }.map(\.key))) RETURNING recipient)
            UPDATE notifications n SET
                attempts = n.attempts + d.attempts, status = coalesce(d.status, 0), delivered_at = d.delivered_at
            FROM unnest(
                \(sorted.map(\.key)), \(sorted.map(\.value.attempts)), \(sorted.map { $0.value.status?.rawValue }),
                \(sorted.map(\.value.deliveredAt))
            ) AS d (id, attempts, status, delivered_at)
            WHERE n.id = d.id AND n.status = 0
            RETURNING n.id, n.attempts - d.attempts, n.recipient, n.recipient IN (SELECT recipient FROM ended)
            """)
        for row in updated {
            let id: NotificationID = try row.identifier(0)
            places[id] = try row.integer(1)
            pending[id] = try row.integer(2)
            if let status = changes[id]?.status, status != .pending { counts.pending -= 1 }
            if try row.boolean(3) { ended.insert(try row.integer(2)) }
        }
        // A notification that is no longer pending keeps its status.
        let others = sorted.filter { places[$0.key] == nil }
        if !others.isEmpty {
            let counted = try session.rows(
                """
                UPDATE notifications n SET attempts = n.attempts + d.attempts
                FROM unnest(\(others.map(\.key)), \(others.map(\.value.attempts))) AS d (id, attempts)
                WHERE n.id = d.id RETURNING n.id, n.attempts - d.attempts
                """)
            for row in counted { places[try row.identifier(0)] = try row.integer(1) }
        }
        var attempts: [(delivery: DeliveryRecord, place: Int64)] = []
        for delivery in deliveries {
            guard let place = places[delivery.notification] else { continue }
            places[delivery.notification] = place + 1
            attempts.append((delivery, place + 1))
        }
        insert(attempts)
        wait(for: deliveries, of: pending)
        try releaseFirst(of: ended)
        return Set(pending.keys)
    }

    private func insert(_ attempts: [(delivery: DeliveryRecord, place: Int64)]) {
        guard !attempts.isEmpty else { return }
        session.later(
            """
            INSERT INTO attempts (notification, place, number, at, outcome, http_status, error)
            SELECT * FROM unnest(
                \(attempts.map(\.delivery.notification)), \(attempts.map(\.place)),
                \(attempts.map(\.delivery.attempt.number)), \(attempts.map(\.delivery.attempt.at)),
                \(attempts.map(\.delivery.attempt.outcome.rawValue)), \(attempts.map(\.delivery.attempt.httpStatus)),
                \(attempts.map(\.delivery.attempt.error)))
            """)
    }

    func markRead(recipient: RecipientID, _ id: NotificationID?) throws -> Bool {
        let now = try currentMoment()
        if let id {
            let changed = try session.rows(
                """
                UPDATE notifications SET read_at = coalesce(read_at, \(now))
                WHERE id = \(id) AND recipient = \(recipient) RETURNING 1
                """)
            return !changed.isEmpty
        }
        session.later("UPDATE notifications SET read_at = \(now) WHERE recipient = \(recipient) AND read_at IS NULL")
        return try !session.rows("SELECT 1 FROM notifications WHERE recipient = \(recipient) LIMIT 1").isEmpty
    }
}

/// The changes that delivery attempts make to one notification.
private struct DeliveryChange {
    var attempts = 0
    /// The notification's new status if it is pending.
    var status: UserNotification.Status?
    var deliveredAt: Timestamp?

    mutating func add(_ attempt: DeliveryAttempt) {
        attempts += 1
        guard status == nil else { return }
        status = attempt.outcome.status
        if status == .delivered { deliveredAt = attempt.at }
    }
}

// MARK: - Dead letters

extension PostgresTransaction {
    func insert(_ deadLetters: [DeadLetter]) throws {
        guard !deadLetters.isEmpty else { return }
        counts.deadLetters += try session.rows(
            """
            INSERT INTO dead_letters (id, topic, reason, error, message, body_topic, body, recipient, failed_at)
            SELECT * FROM unnest(
                \(deadLetters.map(\.id)), \(deadLetters.map(\.topic)), \(deadLetters.map(\.reason)),
                \(deadLetters.map(\.error)), \(deadLetters.map(\.message)),
                \(deadLetters.map { $0.body?.topic.rawValue }), \(deadLetters.map(\.body)),
                \(deadLetters.map(\.recipient)), \(deadLetters.map(\.failedAt)))
            ON CONFLICT (id) DO NOTHING RETURNING 1
            """
        ).count
    }

    func takeDeadLetters(_ ids: [DeadLetterID]?, limit: Int) throws -> [DeadLetter] {
        let letters = try ids.map { try take($0.prefix(limit)) } ?? takeOldest(limit)
        counts.deadLetters -= letters.count
        let notifications = letters.compactMap { letter -> NotificationID? in
            if case .notification(let id) = letter.body { id } else { nil }
        }
        if !notifications.isEmpty {
            let redriven = try session.rows(
                """
                UPDATE notifications SET status = 0
                WHERE id = ANY(\(notifications)) AND status = \(UserNotification.Status.failed.rawValue)
                RETURNING id, recipient
                """)
            counts.pending += redriven.count
            try goLast(redriven.map { (try $0.identifier(0), try $0.integer(1)) })
        }
        return letters
    }

    private func take(_ ids: ArraySlice<DeadLetterID>) throws -> [DeadLetter] {
        let rows = try session.rows(
            """
            DELETE FROM dead_letters WHERE id = ANY(\(Array(ids))) AND body IS NOT NULL
            RETURNING \(sql: DeadLetter.columns)
            """)
        var taken: [DeadLetterID: DeadLetter] = [:]
        for row in rows {
            let letter = try DeadLetter(row)
            taken[letter.id] = letter
        }
        return ids.compactMap { taken.removeValue(forKey: $0) }
    }

    private func takeOldest(_ limit: Int) throws -> [DeadLetter] {
        let rows = try session.rows(
            """
            DELETE FROM dead_letters WHERE id IN (
                SELECT id FROM dead_letters WHERE body IS NOT NULL ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING \(sql: DeadLetter.columns)
            """)
        return try rows.map { try DeadLetter($0) }.sorted { $0.id < $1.id }
    }
}
