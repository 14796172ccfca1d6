import CLibPQ
import Foundation
import SheafCore
import SheafPostgres

/// The limit that PostgreSQL itself sets: a loop that runs only the statements of an event's path on the store's own
/// tables, 500 events a transaction on one connection.
enum BarePostgres {
    private static let batch = 500
    private static let perWindow = 10

    /// - Parameter relayed: whether windows live outside the store; their cost is then not included.
    /// - Returns: events a second.
    static func run(events: Int, relayed: Bool = false) async throws -> Double {
        let options = try Servers.postgres(database: "sheaf_bare_\(UInt32.random(in: 0 ... .max))")
        let store = PostgresStore(PostgresDatabase(options))
        try await store.migrate()
        await store.close()
        return try loop(events: events, relayed: relayed, on: options)
    }

    private static func loop(events: Int, relayed: Bool, on options: PostgresOptions) throws -> Double {
        let connection = PQconnectdb(
            options.parameters.map { "\($0)='\($1)'" }.joined(separator: " "))
        defer { PQfinish(connection) }
        func run(_ sql: String) throws {
            let result = PQexec(connection, sql)
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
                throw SheafError(.storage, "the bare loop: " + String(cString: PQresultErrorMessage(result)))
            }
        }
        func transaction(_ sql: String) throws { try run("BEGIN; \(sql); COMMIT") }

        try run("INSERT INTO sources (name) VALUES ('bench')")
        let start = ContinuousClock.now
        for first in stride(from: 0, to: events, by: batch) {
            let part = Batch(first: first, last: min(first + batch, events) - 1, perWindow: perWindow)
            if relayed {
                try transaction(
                    [part.producers, part.events(inWindows: false), part.eventMessages].joined(separator: ";"))
                try run("SELECT * FROM outbox WHERE topic = 0 ORDER BY due, seq LIMIT 1000")
                try transaction("DELETE FROM outbox WHERE topic = 0")
                try run(part.readRelayed)
                try transaction([part.assign, part.end, part.notifications, part.messages].joined(separator: ";"))
            } else {
                try transaction([part.producers, part.windows, part.events(inWindows: true)].joined(separator: ";"))
                try transaction([part.claim, part.readEvents].joined(separator: ";"))
                try transaction(
                    [part.lock, part.delete, part.end, part.notifications, part.messages].joined(separator: ";"))
            }
            try run("SELECT * FROM outbox WHERE topic = 1 ORDER BY due, seq LIMIT 1000")
            try run("SELECT * FROM notifications WHERE \(part.isNotified)")
            try transaction([part.record, part.attempts, part.acknowledge].joined(separator: ";"))
        }
        return Double(events) / (ContinuousClock.now - start).seconds
    }
}

/// The statements for one batch of events. Every time is 1, so nothing waits.
private struct Batch {
    private let first: Int
    private let last: Int
    private let perWindow: Int

    init(first: Int, last: Int, perWindow: Int) { (self.first, self.last, self.perWindow) = (first, last, perWindow) }

    private var numbers: String { "generate_series(\(first), \(last)) AS n" }
    private var windowNumbers: String { "generate_series(\(first / perWindow), \(last / perWindow)) AS w" }
    private var ids: String { "ARRAY(SELECT \(Self.event("n")) FROM \(numbers))" }
    private var isOwnWindow: String { "id = ANY(ARRAY(SELECT w FROM \(windowNumbers)))" }
    var isNotified: String { "id = ANY(ARRAY(SELECT \(Self.notification("w")) FROM \(windowNumbers)))" }

    private static func event(_ number: String) -> String { uuid("018f0000", number) }
    private static func notification(_ number: String) -> String { uuid("018f0001", number) }

    /// UUIDs sort by number, as ids sort by time.
    private static func uuid(_ head: String, _ number: String) -> String {
        """
        ('\(head)-' || lpad(to_hex(\(number) >> 12), 4, '0') || '-7' || lpad(to_hex(\(number) & 4095), 3, '0')
            || '-8000-00000000beef')::uuid
        """
    }

    // MARK: Accept

    var producers: String {
        """
        INSERT INTO producer_ids (source, producer_id, event)
        SELECT 1, ('event-' || 1000000000 + n)::bytea, \(Self.event("n")) FROM \(numbers) ON CONFLICT DO NOTHING
        """
    }

    /// Finds the open windows of the keys, and opens missing ones.
    var windows: String {
        """
        SELECT open.* FROM \(windowNumbers) CROSS JOIN LATERAL (
            SELECT * FROM windows WHERE key = sha256(\(key)) AND state = 0 AND NOT alone FOR UPDATE) open;
        SELECT nextval('window_ids') FROM \(windowNumbers);
        INSERT INTO windows
            (id, key, type, recipient, key_part, state, alone, due, opened_at, closes_at, events, bytes, first_event,
             last_event)
        SELECT w, sha256(\(key)), 1, w, (w % 1000)::text, 0, false, 1, 1, 1, \(perWindow), 1000, \(firstAndLast)
        FROM \(windowNumbers)
        """
    }

    private var firstAndLast: String {
        "\(Self.event("w * \(perWindow)")), \(Self.event("(w * \(perWindow) + \(perWindow - 1))"))"
    }

    private var key: String { "('1:' || w || ':' || w % 1000)::bytea" }

    func events(inWindows: Bool) -> String {
        """
        INSERT INTO events
            (id, "window", source, producer_id, type, recipient, key_part, occurred_at, received_at, payload)
        SELECT \(Self.event("n")), \(inWindows ? "n / \(perWindow)" : "NULL"), 1, 'event-' || 1000000000 + n, 1,
            n / \(perWindow), (n / \(perWindow) % 1000)::text, 1, 1,
            '{"sale_id":' || n / \(perWindow) % 1000 || ',"item_id":' || n || '}'
        FROM \(numbers)
        """
    }

    var eventMessages: String {
        """
        INSERT INTO outbox (topic, shard, due, recipient, body, attempt, written_at)
        SELECT 0, n / \(perWindow) % 16, 1, n / \(perWindow), \(Self.event("n")), 0, 1 FROM \(numbers)
        """
    }

    // MARK: Claim and digest

    var claim: String {
        """
        SELECT * FROM windows WHERE due <= 1 AND lease_until <= 1 ORDER BY due, id LIMIT 1000 FOR UPDATE SKIP LOCKED;
        UPDATE windows SET state = 1, lease_until = 2, token = 1, attempt = attempt + 1 WHERE \(isOwnWindow)
        """
    }

    /// The events of claimed windows.
    var readEvents: String {
        """
        SELECT e.* FROM \(windowNumbers)
        CROSS JOIN LATERAL (SELECT * FROM events WHERE "window" = w AND status IS NULL OFFSET 0) e
        """
    }

    /// Events that have no window yet.
    var readRelayed: String { "SELECT * FROM events WHERE id = ANY(\(ids)) AND status IS NULL" }

    var lock: String { "SELECT * FROM windows WHERE \(isOwnWindow) ORDER BY key, id FOR UPDATE" }
    var delete: String { "DELETE FROM windows WHERE \(isOwnWindow)" }

    /// Assigns events without a window to their ended one.
    var assign: String {
        """
        SELECT id FROM events WHERE id = ANY(\(ids)) AND "window" IS NULL AND status IS NULL FOR UPDATE;
        SELECT nextval('window_ids') FROM \(windowNumbers);
        UPDATE events e SET "window" = n / \(perWindow) FROM \(numbers) WHERE e.id = \(Self.event("n"))
        """
    }

    var end: String {
        """
        INSERT INTO ended_windows
            (id, type, recipient, key_part, alone, opened_at, closes_at, ended_at, events, notification, attempts,
             first_event, last_event)
        SELECT w, 1, w, (w % 1000)::text, false, 1, 1, 1, \(perWindow), \(Self.notification("w")), 1, \(firstAndLast)
        FROM \(windowNumbers)
        """
    }

    var notifications: String {
        """
        INSERT INTO notifications
            (id, recipient, type, list_title, list_description, full_title, full_text, event_count, "window", created_at)
        SELECT \(Self.notification("w")), w, 1, '⚠️ Ваши товары исключили из распродажи',
            '10 объявлений больше не подходят под условия', 'Исключили 10 товаров из распродажи',
            '10 объявлений больше не подходят под условия. Проверьте цены и описания товаров.', \(perWindow), w, 1
        FROM \(windowNumbers)
        """
    }

    var messages: String {
        """
        INSERT INTO outbox (topic, shard, due, recipient, body, attempt, written_at)
        SELECT 1, w % 16, 1, w, \(Self.notification("w")), 0, 1 FROM \(windowNumbers)
        """
    }

    // MARK: Send

    var record: String {
        """
        DELETE FROM delivery_turns WHERE notification = ANY(
            ARRAY(SELECT \(Self.notification("w")) FROM \(windowNumbers)));
        UPDATE notifications SET attempts = attempts + 1, status = 1, delivered_at = 1 WHERE \(isNotified) AND status = 0
        """
    }

    var attempts: String {
        """
        INSERT INTO attempts (notification, place, number, at, outcome, http_status)
        SELECT \(Self.notification("w")), 1, 1, 1, 'delivered', 202 FROM \(windowNumbers)
        """
    }

    var acknowledge: String { "DELETE FROM outbox WHERE topic = 1" }
}
