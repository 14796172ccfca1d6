import SheafCore

/// The schema, as steps that are each applied once.
///
/// Times are microseconds since the epoch; identifiers are UUIDs in the order of creation, so that rows are appended to
/// their tables. Texts that are compared have the collation "C", which goes by bytes.
enum PostgresSchema {
    /// The version in the table `sheaf_schema` after the first step; lower ones are from before the first release.
    private static let baseline = 25

    /// The steps, each a list of statements.
    private static let steps: [[String]] = [
        events + windows + notifications + counts + outbox + locks + reports + typeRevisions + recipients
    ]

    private static var version: Int { baseline + steps.count - 1 }

    static func state(of version: Int) throws(SheafError) -> SchemaState {
        try SchemaState(version: version, baseline: baseline, steps: steps.count)
    }

    /// The index that lets a key have one open window. Windows of single events join no other, so they are not in it.
    static let openWindows = "windows_open"

    /// The names of all tables but that of the version.
    static let tables = steps.joined().compactMap { statement -> String? in
        let words = statement.split(whereSeparator: \.isWhitespace).prefix(4)
        guard words.first == "CREATE", let place = words.firstIndex(of: "TABLE"), !words.contains("PARTITION") else {
            return nil
        }
        return words.dropFirst(place + 1).first.map(String.init)
    }

    private static let events = [
        "CREATE TABLE sources (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE \"C\" NOT NULL UNIQUE)",
        // Producers' identifiers are known for ever, also when their events are gone. A UUID has 17 bytes: see
        // StoredProducerID. An index' entry for it takes 36 bytes, with a source of eight it would take 44.
        """
        CREATE TABLE producer_ids (
            source int NOT NULL, event uuid NOT NULL, producer_id bytea NOT NULL,
            PRIMARY KEY (producer_id, source)
        )
        """,
        // window: null until it has one. status, reason and finished_at: the event's own outcome, 2 suppressed or
        // 3 dead, which goes before its window's; the usual event has none, and its row is never changed.
        // In partitions by age, which cover all identifiers: see EventPartition.
        """
        CREATE TABLE events (
            id uuid PRIMARY KEY, "window" bigint, source bigint NOT NULL, type bigint NOT NULL, recipient bigint NOT NULL,
            occurred_at bigint NOT NULL, received_at bigint NOT NULL, finished_at bigint, status smallint,
            producer_id text, key_part text, payload text NOT NULL, trace text, reason text
        ) PARTITION BY RANGE (id)
        """,
        """
        CREATE TABLE events_0 PARTITION OF events FOR VALUES FROM (MINVALUE) TO (MAXVALUE)
            WITH (\(EventPartition.storage))
        """,
        // Windows go in batches if their first event is older than `before`, or not older than `from`; others wait for
        // the end of a partition. Without a row all go in batches.
        """
        CREATE TABLE event_pruning (
            single boolean PRIMARY KEY DEFAULT true CHECK (single), before uuid NOT NULL, "from" uuid NOT NULL
        )
        """,
        "CREATE INDEX events_by_window ON events (\"window\") WHERE \"window\" IS NOT NULL",
        // Their size is that of what waits for a window outside the store, and of what is dead.
        "CREATE INDEX events_unassigned ON events (type, id) WHERE \"window\" IS NULL AND status IS NULL",
        // By it a retraction finds what waits for a window outside the store.
        """
        CREATE INDEX events_unassigned_of_recipient ON events (recipient, type)
            WHERE "window" IS NULL AND status IS NULL
        """,
        "CREATE INDEX events_dead ON events (recipient) WHERE status = 3",
    ]

    private static let windows = [
        "CREATE SEQUENCE window_ids",
        // Live windows. key: the digest of type, recipient and key part, which can be longer than an index' entry.
        // state: 0 open, 1 closed, 2 waiting, also while it is tried again. due: when it closes, or its wait ends; while it is claimed that stays what
        // it was. bytes: of payloads, at most. first_event, last_event: between them are its events. rule: by which an open window closes, whatever becomes of its type. Room is left so that neither an event that joins touches an index nor, once it is closed, a claim.
        """
        CREATE TABLE windows (
            id bigint PRIMARY KEY, due bigint NOT NULL, type bigint NOT NULL, recipient bigint NOT NULL,
            opened_at bigint NOT NULL, closes_at bigint NOT NULL, events bigint NOT NULL, bytes bigint NOT NULL,
            token bigint NOT NULL DEFAULT 0, lease_until bigint NOT NULL DEFAULT 0, revision bigint NOT NULL DEFAULT 0, attempt bigint NOT NULL DEFAULT 0, leader uuid,
            first_event uuid NOT NULL, last_event uuid NOT NULL, state smallint NOT NULL,
            alone boolean NOT NULL, key bytea NOT NULL, key_part text, wait_reason text, rule text
        ) WITH (
            fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000,
            autovacuum_vacuum_cost_delay = 0
        )
        """,
        "CREATE UNIQUE INDEX \(openWindows) ON windows (key) WHERE state = 0 AND NOT alone",
        "CREATE INDEX windows_waiting ON windows (key) WHERE state = 2",
        // By it the oldest work is found that waits for a service.
        "CREATE INDEX windows_delayed ON windows (closes_at) WHERE state = 2 AND wait_reason = 'service'",
        // By type: windows of a type that is not asked for must cost nothing, however many are due.
        "CREATE INDEX windows_due ON windows (type, due, id)",
        "CREATE INDEX windows_by_recipient ON windows (recipient, type, due, id)",
        // attempts: how often it was claimed. waited_for: the last reason for which it waited.
        """
        CREATE TABLE ended_windows (
            id bigint PRIMARY KEY, type bigint NOT NULL, recipient bigint NOT NULL, opened_at bigint NOT NULL,
            closes_at bigint NOT NULL, ended_at bigint NOT NULL, events bigint NOT NULL, attempts bigint NOT NULL DEFAULT 1,
            notification uuid, first_event uuid NOT NULL, last_event uuid NOT NULL, alone boolean NOT NULL,
            key_part text, reason text, waited_for text
        )
        """,
        "CREATE INDEX ended_windows_by_recipient ON ended_windows (recipient, last_event, first_event)",
        "CREATE INDEX ended_windows_by_time ON ended_windows (ended_at)",
        // Rows are written nearly in this order, so that a few bytes for many of them show which have old events.
        """
        CREATE INDEX ended_windows_by_event ON ended_windows USING brin (first_event)
            WITH (pages_per_range = 16, autosummarize = on)
        """,
    ]

    // The counts are the sums of the rows. A transaction changes the row of its connection, so that commits do not wait for
    // one. events, windows: in live windows, and those that are open or wait. unassigned: events with neither a window nor
    // an outcome. pending: notifications that are neither delivered nor failed.
    private static let counts = [
        """
        CREATE TABLE counters (
            slot bigint PRIMARY KEY, events bigint NOT NULL, windows bigint NOT NULL, unassigned bigint NOT NULL,
            pending bigint NOT NULL, dead_letters bigint NOT NULL
        ) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
        """
    ]

    private static let typeRevisions = [
        // Sets of declared types. bytes: the text's length, by which an equal one is found.
        """
        CREATE TABLE type_revisions (
            number bigint PRIMARY KEY, stored_at bigint NOT NULL, brought_back bigint, bytes bigint NOT NULL,
            text text COLLATE "C" NOT NULL
        )
        """,
        "CREATE INDEX type_revisions_by_length ON type_revisions (bytes)",
        // The codes of declared types' names, which never change.
        """
        CREATE TABLE type_codes (
            code bigint GENERATED ALWAYS AS IDENTITY (START WITH \(EventType.firstDeclaredCode)) PRIMARY KEY,
            name text COLLATE "C" NOT NULL UNIQUE
        )
        """,
    ]

    // Recipients' settings.
    private static let recipients = [
        "CREATE TABLE recipients (id bigint PRIMARY KEY, locale text, time_zone text)"
    ]

    private static let notifications = [
        // status: 0 pending, 1 delivered, 2 failed. events: those that a replay composed it from; of others they are
        // in its window. The usual category and importance, general and normal, are null. Room is left so that a
        // delivery touches no index.
        """
        CREATE TABLE notifications (
            id uuid PRIMARY KEY, recipient bigint NOT NULL, type bigint NOT NULL, event_count bigint NOT NULL,
            created_at bigint NOT NULL, delivered_at bigint, read_at bigint, attempts bigint NOT NULL DEFAULT 0,
            status smallint NOT NULL DEFAULT 0, list_title text NOT NULL, list_description text NOT NULL,
            full_title text NOT NULL, full_text text NOT NULL, trace text, "window" bigint, events uuid[], url text,
            locale text, category text, importance text
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)
        """,
        "CREATE INDEX notifications_feed ON notifications (recipient, id)",
        "CREATE INDEX notifications_unread ON notifications (recipient, id) WHERE read_at IS NULL",
        """
        CREATE TABLE attempts (
            notification uuid NOT NULL, place bigint NOT NULL, number bigint NOT NULL, at bigint NOT NULL,
            http_status bigint, outcome text NOT NULL, error text,
            PRIMARY KEY (notification, place)
        )
        """,
        """
        CREATE TABLE dead_letters (
            id uuid PRIMARY KEY, recipient bigint, failed_at bigint NOT NULL, body uuid, body_topic text,
            topic text NOT NULL, reason text NOT NULL, error text NOT NULL, message text NOT NULL
        )
        """,
        "CREATE INDEX dead_letters_by_recipient ON dead_letters (recipient) WHERE recipient IS NOT NULL",
        // What a dead letter holds is kept.
        "CREATE INDEX dead_letters_by_body ON dead_letters (body) WHERE body IS NOT NULL",
        // Steps of an event, or of a notification, that its row does not show: rare ones.
        """
        CREATE TABLE notes (
            subject uuid NOT NULL, at bigint NOT NULL, notification uuid, step text NOT NULL, reason text
        )
        """,
        "CREATE INDEX notes_by_subject ON notes (subject)",
    ]

    private static let outbox = [
        // Notifications that later ones of their recipient wait for, and those that wait; in order of place, which is
        // the notification's own identifier or, of one that was redriven, one from then. tries: recorded attempts.
        """
        CREATE TABLE delivery_turns (
            recipient bigint NOT NULL, place uuid NOT NULL, notification uuid NOT NULL UNIQUE, tries bigint NOT NULL,
            waits boolean NOT NULL,
            PRIMARY KEY (recipient, place)
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
        """,
        // A message's place: its shard, the moment it is due, and the order of writing. Rows come and go, and are never
        // changed. What is deleted is cleaned up often, and without a break, or readers would have to step over it.
        """
        CREATE TABLE outbox (
            seq bigint GENERATED ALWAYS AS IDENTITY, due bigint NOT NULL, recipient bigint NOT NULL,
            written_at bigint NOT NULL, body uuid NOT NULL, attempt bigint NOT NULL, topic smallint NOT NULL,
            shard smallint NOT NULL,
            PRIMARY KEY (topic, shard, due, seq)
        ) WITH (
            autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0,
            autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0,
            autovacuum_analyze_threshold = 100000, vacuum_truncate = false
        )
        """,
        """
        CREATE TABLE outbox_members (
            topic smallint NOT NULL, member uuid NOT NULL, expires_at bigint NOT NULL,
            PRIMARY KEY (topic, member)
        ) WITH (fillfactor = 50)
        """,
        """
        CREATE TABLE outbox_shards (
            topic smallint NOT NULL, shard smallint NOT NULL, holder uuid, lease_until bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (topic, shard)
        ) WITH (fillfactor = 50)
        """,
        """
        INSERT INTO outbox_shards (topic, shard)
        SELECT topic, shard FROM generate_series(0, 1) AS topic, generate_series(0, 15) AS shard
        """,
    ]

    private static let locks = [
        """
        CREATE TABLE locks (
            name text COLLATE "C" PRIMARY KEY, token text NOT NULL, fence bigint NOT NULL, lease_until bigint NOT NULL
        ) WITH (fillfactor = 50)
        """
    ]

    private static let reports = [
        // What each process did, for the others to see: of worth for seconds, and so without a log. Rows are changed
        // again and again, within their pages.
        """
        CREATE UNLOGGED TABLE stage_reports (
            process text COLLATE "C" PRIMARY KEY, at bigint NOT NULL, stages text[] NOT NULL, totals bigint[] NOT NULL,
            rates bigint[] NOT NULL
        ) WITH (fillfactor = 20)
        """
    ]

    /// Applies what is missing, in one transaction that excludes other processes.
    static func migrate(_ session: PostgresSession) throws {
        let timeout = Duration.seconds(3600)
        try session.inTransaction { session in
            session.later("SET LOCAL statement_timeout = 0")
            // The number is "sheaf" in ASCII.
            session.later("SELECT pg_advisory_xact_lock(495672713574)")
            session.later(.once("CREATE TABLE IF NOT EXISTS sheaf_schema (version bigint NOT NULL)"))
            let rows = try session.exchange([.once("SELECT version FROM sheaf_schema")], timeout: timeout)[0]
            let found = try rows.first.map { Int(try $0.integer(0)) } ?? 0
            _ = try state(of: found)
            let applied = found == 0 ? 0 : found - baseline + 1
            guard applied < steps.count else { return }
            for statement in steps.dropFirst(applied).joined() {
                session.later(.once(PostgresQuery(stringLiteral: statement)))
            }
            session.later("DELETE FROM sheaf_schema")
            session.later("INSERT INTO sheaf_schema VALUES (\(version))")
            _ = try session.exchange(["SELECT 1"], timeout: timeout)
        }
    }
}
