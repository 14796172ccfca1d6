import GRDB
import SheafCore

/// The schema, as steps that are each applied once.
///
/// Times are microseconds since the epoch; identifiers are 16-byte blobs in the order of creation, so that rows are
/// appended to their tables.
enum SQLiteSchema {
    /// The steps; the database's `user_version` says how many were applied.
    private static let steps: [String] = [
        """
        CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

        -- Producers' identifiers are known for ever, also when their events are gone.
        CREATE TABLE producer_ids (
            source INTEGER NOT NULL, producer_id TEXT NOT NULL, event BLOB NOT NULL,
            PRIMARY KEY (source, producer_id)
        ) WITHOUT ROWID;

        CREATE TABLE events (
            id BLOB PRIMARY KEY, source INTEGER NOT NULL, producer_id TEXT, type INTEGER NOT NULL,
            recipient INTEGER NOT NULL, key_part TEXT, occurred_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
            payload TEXT NOT NULL, trace TEXT, status INTEGER NOT NULL DEFAULT 0, reason TEXT, binding BLOB,
            finished_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX events_new ON events (type) WHERE status = 0;

        CREATE TABLE bindings (
            id BLOB PRIMARY KEY, recipient INTEGER NOT NULL, events BLOB NOT NULL, window_key TEXT, opened_at INTEGER,
            closes_at INTEGER, bound_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE notifications (
            id BLOB PRIMARY KEY, recipient INTEGER NOT NULL, type INTEGER NOT NULL, list_title TEXT NOT NULL,
            list_description TEXT NOT NULL, full_title TEXT NOT NULL, full_text TEXT NOT NULL,
            event_count INTEGER NOT NULL, created_at INTEGER NOT NULL, trace TEXT, status INTEGER NOT NULL DEFAULT 0,
            delivered_at INTEGER, read_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE INDEX notifications_feed ON notifications (recipient, id);
        CREATE INDEX notifications_unread ON notifications (recipient) WHERE read_at IS NULL;

        CREATE TABLE attempts (
            notification BLOB NOT NULL, place INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
            outcome TEXT NOT NULL, http_status INTEGER, error TEXT,
            PRIMARY KEY (notification, place)
        ) WITHOUT ROWID;

        CREATE TABLE dead_letters (
            id BLOB PRIMARY KEY, topic TEXT NOT NULL, reason TEXT NOT NULL, error TEXT NOT NULL, message TEXT NOT NULL,
            body_topic TEXT, body BLOB, recipient INTEGER, failed_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- A message is its topic, the moment it is due, and what it speaks of: the key is also the order of reading.
        CREATE TABLE outbox (
            topic INTEGER NOT NULL, due INTEGER NOT NULL, body BLOB NOT NULL, recipient INTEGER NOT NULL,
            attempt INTEGER NOT NULL, written_at INTEGER NOT NULL,
            PRIMARY KEY (topic, due, body)
        ) WITHOUT ROWID;

        -- state: 0 open, 1 closed, 2 claimed. due: when it closes, may be claimed, or its lease ends.
        CREATE TABLE windows (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, recipient INTEGER NOT NULL,
            state INTEGER NOT NULL, due INTEGER NOT NULL, opened_at INTEGER NOT NULL, closes_at INTEGER NOT NULL,
            events INTEGER NOT NULL, leader BLOB, token INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX windows_by_key ON windows (key);
        CREATE INDEX windows_due ON windows (due);

        CREATE TABLE window_events (
            window INTEGER NOT NULL, event BLOB NOT NULL,
            PRIMARY KEY (window, event)
        ) WITHOUT ROWID;
        """,
        """
        -- By these a recipient's data is found to be erased, and what dead letters hold is kept.
        CREATE INDEX bindings_by_recipient ON bindings (recipient);
        CREATE INDEX events_dead ON events (recipient) WHERE status = 3;
        CREATE INDEX dead_letters_by_recipient ON dead_letters (recipient) WHERE recipient IS NOT NULL;
        CREATE INDEX dead_letters_by_body ON dead_letters (body) WHERE body IS NOT NULL;

        -- Steps of an event, or of a notification, that its row does not tell of: rare ones.
        CREATE TABLE notes (
            subject BLOB NOT NULL, at INTEGER NOT NULL, step TEXT NOT NULL, reason TEXT, notification BLOB
        );
        CREATE INDEX notes_by_subject ON notes (subject);
        """,
    ]

    static func state(_ database: Database) throws -> SchemaState {
        try SchemaState(applied: version(of: database), known: steps.count)
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Applies what is missing, in one transaction that excludes other processes.
    static func migrate(_ database: Database) throws {
        try database.inTransaction(.immediate) {
            let applied = try version(of: database)
            _ = try SchemaState(applied: applied, known: steps.count)
            for step in steps.dropFirst(applied) { try database.execute(sql: step) }
            if applied < steps.count { try database.execute(sql: "PRAGMA user_version = \(steps.count)") }
            return .commit
        }
    }
}
