public import SheafCore

extension PostgresStore {
    public func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription] {
        guard !recipients.isEmpty else { return [:] }
        return try await database.run(
            "SELECT locale, time_zone, id FROM recipients WHERE id = ANY(\(Array(Set(recipients))))"
        ) { rows in
            var found: [RecipientID: RecipientDescription] = [:]
            for row in rows { found[try row.integer(2)] = try RecipientDescription(row) }
            return found
        }
    }

    public func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription {
        let new = change.applied(to: RecipientDescription())
        let (description, isRetimed) = try await database.transaction { session in
            if change.timeZone != .kept { WindowPlacing.lockZone(of: recipient, session) }
            // One statement, so that of two concurrent changes each keeps the other's.
            let rows = try session.rows(
                """
                INSERT INTO recipients (id, locale, time_zone)
                VALUES (\(recipient), \(new.locale), \(new.timeZone))
                ON CONFLICT (id) DO UPDATE SET
                    locale = CASE WHEN \(change.locale == .kept) THEN recipients.locale ELSE excluded.locale END,
                    time_zone =
                        CASE WHEN \(change.timeZone == .kept) THEN recipients.time_zone ELSE excluded.time_zone END
                RETURNING locale, time_zone
                """)
            let description = try rows.first.map { try RecipientDescription($0) } ?? new
            if description.isEmpty { session.later("DELETE FROM recipients WHERE id = \(recipient)") }
            guard change.timeZone != .kept else { return (description, false) }
            return (description, try ScheduledWindow.retime(recipient, in: description.timeZone, session))
        }
        if isRetimed { windowsChanged.notify() }
        return description
    }
}

extension RecipientDescription {
    /// From the columns locale and time_zone.
    fileprivate init(_ row: PostgresRow) throws {
        self.init(locale: try row.optionalText(0), timeZone: try row.optionalText(1))
    }
}
