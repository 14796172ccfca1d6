import GRDB
public import SheafCore

extension SQLiteStore {
    public func settings(of recipients: [RecipientID]) async throws -> [RecipientID: RecipientDescription] {
        guard !recipients.isEmpty else { return [:] }
        return try await database.readForWork { connection in
            var found: [RecipientID: RecipientDescription] = [:]
            for recipient in Set(recipients) { found[recipient] = try Self.description(of: recipient, connection) }
            return found
        }
    }

    public func describe(_ recipient: RecipientID, _ change: RecipientChange) async throws -> RecipientDescription {
        let (description, isRetimed) = try await database.write { [clock = database.clock] connection in
            let former = try Self.description(of: recipient, connection) ?? RecipientDescription()
            let description = change.applied(to: former)
            if description.isEmpty {
                try connection.run("DELETE FROM recipients WHERE id = ?", recipient)
            } else {
                try connection.run(
                    "INSERT OR REPLACE INTO recipients (id, locale, time_zone) VALUES (?, ?, ?)", recipient,
                    description.locale, description.timeZone)
            }
            guard change.timeZone != .kept else { return (description, false) }
            return (
                description, try Self.retime(windowsOf: recipient, in: description.timeZone, at: clock.now, connection)
            )
        }
        if isRetimed { windowsChanged.notify() }
        return description
    }

    /// Makes the recipient's windows that close at a time of day use a time zone's clock.
    /// - Returns: whether there was one.
    private static func retime(
        windowsOf recipient: RecipientID, in zone: String?, at now: Timestamp, _ connection: Database
    ) throws -> Bool {
        let windows = try connection.rows(
            """
            SELECT \(WindowRow.columns) FROM windows
            WHERE recipient = ? AND state = 0 AND alone = 0 AND closes_at > ? AND rule LIKE ?
            """, recipient, now, ClosingRule.scheduleMark + "%", map: WindowRow.init(columns:))
        for row in windows {
            guard let closesAt = row.window.retimed(in: zone) else { continue }
            try connection.run("UPDATE windows SET due = ?1, closes_at = ?1 WHERE id = ?2", closesAt, row.id)
        }
        return !windows.isEmpty
    }

    private static func description(of recipient: RecipientID, _ connection: Database) throws -> RecipientDescription? {
        try connection.first("SELECT locale, time_zone FROM recipients WHERE id = ?", recipient) { columns in
            RecipientDescription(locale: columns.optionalText(0), timeZone: columns.optionalText(1))
        }
    }
}

extension Database {
    /// The time zones of these recipients; recipients without one are left out.
    func zones(of recipients: Set<RecipientID>) throws -> [RecipientID: String] {
        guard !recipients.isEmpty else { return [:] }
        let query = try PreparedStatement("SELECT time_zone FROM recipients WHERE id = ?", in: self)
        var zones: [RecipientID: String] = [:]
        for recipient in recipients { zones[recipient] = try query.first(recipient) { $0.optionalText(0) } }
        return zones
    }
}
