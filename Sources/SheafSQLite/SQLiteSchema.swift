import GRDB
import SheafCore

/// The schema as a list of steps; each is applied once.
///
/// Times are microseconds since the epoch. Ids are 16-byte blobs in the order of creation, so that rows are appended to
/// their tables.
enum SQLiteSchema {
    /// `user_version` of a database after the first step; lower versions are from before the first release.
    private static let baseline = 24

    private static let steps: [String] = [
        """
        CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

        -- Producers' identifiers are known for ever, also when their events are gone: in the order of coming, and later
        -- in their own. A UUID is a blob.
        CREATE TABLE recent_ids (seq INTEGER PRIMARY KEY, producer_id NOT NULL, source INTEGER NOT NULL, event BLOB NOT NULL);
        CREATE TABLE producer_ids (
            producer_id NOT NULL, source INTEGER NOT NULL, event BLOB NOT NULL, PRIMARY KEY (producer_id, source)
        ) WITHOUT ROWID;

        -- occurred_after: microseconds from receiving to occurring. status, reason and finished_at are the event's own
        -- outcome (2 suppressed, 3 dead); that of the usual event follows from its window, and its row never changes.
        CREATE TABLE events (
            id BLOB PRIMARY KEY, "window" INTEGER, source INTEGER NOT NULL, type INTEGER NOT NULL,
            recipient INTEGER NOT NULL, received_at INTEGER NOT NULL, occurred_after INTEGER NOT NULL,
            payload TEXT NOT NULL, producer_id, key_part TEXT, trace TEXT, status INTEGER, reason TEXT,
            finished_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX events_by_window ON events ("window") WHERE "window" IS NOT NULL;
        -- Of windows outside the store only: their events have no window until they are digested.
        CREATE INDEX events_unassigned ON events (type) WHERE "window" IS NULL AND status IS NULL;
        -- Retractions use it to find events that wait for a window outside the store.
        CREATE INDEX events_unassigned_of_recipient ON events (recipient, type)
            WHERE "window" IS NULL AND status IS NULL;
        CREATE INDEX events_dead ON events (recipient) WHERE status = 3;

        -- Windows that have not ended. state: 0 open, 1 closed, 3 waiting. due: when it may be claimed. bytes: of payloads,
        -- at most. rule: by which an open window closes, even if its type changes.
        CREATE TABLE windows (
            id INTEGER PRIMARY KEY AUTOINCREMENT, recipient INTEGER NOT NULL, type INTEGER NOT NULL, key_part TEXT,
            alone INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER NOT NULL, opened_at INTEGER NOT NULL,
            closes_at INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL,
            revision INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0, leader BLOB, wait_reason TEXT,
            rule TEXT
        );
        -- A key may have many windows that wait.
        CREATE INDEX windows_by_key ON windows (recipient, type, key_part, state);
        -- By type: windows of a type that is not asked for must cost nothing, however many are due.
        CREATE INDEX windows_due ON windows (type, due);
        -- By it the oldest work is found that waits for a service.
        CREATE INDEX windows_delayed ON windows (closes_at) WHERE state = 3 AND wait_reason = 'service';

        -- attempts: how often it was claimed. waited_for: the last reason for which it waited.
        CREATE TABLE ended_windows (
            id INTEGER PRIMARY KEY, recipient INTEGER NOT NULL, type INTEGER NOT NULL, key_part TEXT,
            alone INTEGER NOT NULL, opened_at INTEGER NOT NULL, closes_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
            events INTEGER NOT NULL, notification BLOB, reason TEXT, attempts INTEGER NOT NULL DEFAULT 1, waited_for TEXT,
            first_event BLOB NOT NULL, last_event BLOB NOT NULL
        );
        CREATE INDEX ended_windows_by_recipient ON ended_windows (recipient, last_event, first_event);
        CREATE INDEX ended_windows_by_end ON ended_windows (ended_at);

        -- window: whose events it is about; a replay's notification has their identifiers in its own row instead. The
        -- usual category and importance, general and normal, are stored as null.
        CREATE TABLE notifications (
            id BLOB PRIMARY KEY, recipient INTEGER NOT NULL, type INTEGER NOT NULL, list_title TEXT NOT NULL,
            list_description TEXT NOT NULL, full_title TEXT NOT NULL, full_text TEXT NOT NULL,
            event_count INTEGER NOT NULL, created_at INTEGER NOT NULL, trace TEXT, status INTEGER NOT NULL DEFAULT 0,
            delivered_at INTEGER, read_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0, "window" INTEGER, events BLOB,
            url TEXT, locale TEXT, category TEXT, importance TEXT
        ) WITHOUT ROWID;
        CREATE INDEX notifications_feed ON notifications (recipient, id);
        CREATE INDEX notifications_unread ON notifications (recipient) WHERE read_at IS NULL;

        CREATE TABLE attempts (
            notification BLOB NOT NULL, place INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
            outcome TEXT NOT NULL, http_status INTEGER, error TEXT,
            PRIMARY KEY (notification, place)
        ) WITHOUT ROWID;

        -- Notifications that later ones of their recipient wait for, and those that wait; in order of place, which is the
        -- notification's own identifier or, of one that was redriven, one from then. tries: recorded attempts.
        CREATE TABLE delivery_turns (
            recipient INTEGER NOT NULL, place BLOB NOT NULL, notification BLOB NOT NULL UNIQUE, tries INTEGER NOT NULL,
            waits INTEGER NOT NULL,
            PRIMARY KEY (recipient, place)
        ) WITHOUT ROWID;

        -- One row, changed in the transaction that changes what it counts. events, windows: in live windows, and those
        -- that are open or wait. unassigned: events with neither a window nor an outcome. pending: notifications that are
        -- neither delivered nor failed.
        CREATE TABLE counters (
            events INTEGER NOT NULL, windows INTEGER NOT NULL, unassigned INTEGER NOT NULL, pending INTEGER NOT NULL,
            dead_letters INTEGER NOT NULL
        );
        INSERT INTO counters VALUES (0, 0, 0, 0, 0);

        -- A message is its topic, the moment it is due, and what it is about: the key is also the order of reading.
        CREATE TABLE outbox (
            topic INTEGER NOT NULL, due INTEGER NOT NULL, body BLOB NOT NULL, recipient INTEGER NOT NULL,
            attempt INTEGER NOT NULL, written_at INTEGER NOT NULL,
            PRIMARY KEY (topic, due, body)
        ) WITHOUT ROWID;

        CREATE TABLE dead_letters (
            id BLOB PRIMARY KEY, topic TEXT NOT NULL, reason TEXT NOT NULL, error TEXT NOT NULL, message TEXT NOT NULL,
            body_topic TEXT, body BLOB, recipient INTEGER, failed_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        -- By these a recipient's data is found to be erased, and what dead letters hold is kept.
        CREATE INDEX dead_letters_by_recipient ON dead_letters (recipient) WHERE recipient IS NOT NULL;
        CREATE INDEX dead_letters_by_body ON dead_letters (body) WHERE body IS NOT NULL;

        -- Rare steps of an event, or of a notification, that no other row shows.
        CREATE TABLE notes (
            subject BLOB NOT NULL, at INTEGER NOT NULL, step TEXT NOT NULL, reason TEXT, notification BLOB
        );
        CREATE INDEX notes_by_subject ON notes (subject);

        -- Sets of declared types. bytes: the text's length, by which an equal text is found.
        CREATE TABLE type_revisions (
            number INTEGER PRIMARY KEY, stored_at INTEGER NOT NULL, brought_back INTEGER, bytes INTEGER NOT NULL,
            text TEXT NOT NULL
        );
        CREATE INDEX type_revisions_by_length ON type_revisions (bytes);
        -- The codes of declared types' names, which never change.
        CREATE TABLE type_codes (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

        -- Recipients' settings.
        CREATE TABLE recipients (id INTEGER PRIMARY KEY, locale TEXT, time_zone TEXT);
        """
    ]

    static func state(_ database: Database) throws -> SchemaState {
        try state(of: version(of: database))
    }

    private static func state(of version: Int) throws(SheafError) -> SchemaState {
        try SchemaState(version: version, baseline: baseline, steps: steps.count)
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    /// Applies the missing steps, in one transaction that excludes other processes.
    static func migrate(_ database: Database) throws {
        try database.inTransaction(.immediate) {
            let version = try version(of: database)
            _ = try state(of: version)
            let applied = version == 0 ? 0 : version - baseline + 1
            for step in steps.dropFirst(applied) { try database.execute(sql: step) }
            if applied < steps.count {
                try database.execute(sql: "PRAGMA user_version = \(baseline + steps.count - 1)")
            }
            return .commit
        }
    }
}
