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
        try await database.write { connection in
            let former = try Self.description(of: recipient, connection) ?? RecipientDescription()
            let description = change.applied(to: former)
            if description.isEmpty {
                try connection.run("DELETE FROM recipients WHERE id = ?", recipient)
            } else {
                try connection.run(
                    "INSERT OR REPLACE INTO recipients (id, locale, time_zone) VALUES (?, ?, ?)", recipient,
                    description.locale, description.timeZone)
            }
            return description
        }
    }

    private static func description(of recipient: RecipientID, _ connection: Database) throws -> RecipientDescription? {
        try connection.first("SELECT locale, time_zone FROM recipients WHERE id = ?", recipient) { columns in
            RecipientDescription(locale: columns.optionalText(0), timeZone: columns.optionalText(1))
        }
    }
}
