import SheafCore

/// An open window that closes at a time of day, with the columns that can change.
struct ScheduledWindow {
    let id: WindowID
    let recipient: RecipientID
    var state: WindowState

    private static let columns: StaticString = "w.id, w.recipient, w.opened_at, w.closes_at, w.events, w.rule, w.bytes"

    private init(_ row: PostgresRow) throws {
        id = try row.integer(0)
        recipient = try row.integer(1)
        state = WindowState(
            openedAt: try row.timestamp(2), closesAt: try row.timestamp(3), events: Int(try row.integer(4)),
            bytes: Int(try row.integer(6)),
            rule: try row.optionalText(5).flatMap { ClosingRule($0) })
    }

    /// Makes the recipient's windows that are not due close by a time zone's clock.
    /// - Returns: whether there was one.
    static func retime(_ recipient: RecipientID, in zone: String?, _ session: PostgresSession) throws -> Bool {
        let windows = try session.rows(
            """
            SELECT \(sql: columns) FROM windows w
            WHERE recipient = \(recipient) AND state = 0 AND NOT alone AND rule LIKE \(ClosingRule.scheduleMark + "%")
                AND closes_at > \(sql: SQL.now)
            ORDER BY key, id FOR UPDATE
            """
        ).map { row in
            var window = try ScheduledWindow(row)
            window.state = window.state.with(closesAt: window.state.retimed(in: zone))
            return window
        }
        write(windows, session)
        return !windows.isEmpty
    }

    /// Makes windows that opened in the future open now, and close at the first time of day from now. Skips what
    /// another transaction has locked.
    /// - Returns: how many windows were changed.
    static func bound(at now: Timestamp, _ session: PostgresSession) throws -> Int {
        var windows = try session.rows(
            """
            SELECT \(sql: columns) FROM windows w
            WHERE opened_at > \(now) AND state = 0 AND NOT alone AND rule LIKE \(ClosingRule.scheduleMark + "%")
            ORDER BY key, id FOR UPDATE SKIP LOCKED
            """
        ).map { try ScheduledWindow($0) }
        let zones = try WindowPlacing.zones(of: Set(windows.map(\.recipient)), session)
        for index in windows.indices {
            windows[index].state = windows[index].state.opened(by: now, in: zones[windows[index].recipient])
        }
        write(windows, session)
        return windows.count
    }

    private static func write(_ windows: [ScheduledWindow], _ session: PostgresSession) {
        guard !windows.isEmpty else { return }
        session.later(
            """
            UPDATE windows w SET opened_at = u.opened_at, closes_at = u.closes_at, due = u.closes_at
            FROM unnest(\(windows.map(\.id)), \(windows.map(\.state.openedAt)), \(windows.map(\.state.closesAt)))
                AS u (id, opened_at, closes_at)
            WHERE w.id = u.id
            """)
    }
}
