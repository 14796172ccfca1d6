import GRDB
public import SheafCore
import Synchronization

extension SQLiteStore {
    public var windowsChanged: WakeUp { database.windowsChanged }

    public func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow> {
        try await boundForeignWindows()
        return try await database.readForWork { [sources, database] connection in
            let claims = database.claims
            return try claims.look {
                // Until this read has ended, every written window signals.
                database.expectDue(at: nil)
                let now = database.clock.now
                let types = try Self.types(in: limits, connection)
                let windows = try Self.claim(
                    limits, of: types, until: now + lease, at: now, claims, sources, connection)
                let dues = try types.map { try Self.nextDue(of: $0, beside: claims, connection) }
                let next = (dues + [claims.firstLeaseEnd(limits)]).compactMap(\.self).min()
                database.expectDue(at: next)
                return ClaimBatch(claims: windows, nextDueIn: next.map { max(.zero, $0 - now) })
            }
        }
    }

    private static func claim(
        _ limits: ClaimLimits, of types: [EventTypeCode], until leaseEnds: Timestamp, at now: Timestamp,
        _ claims: WindowClaims, _ sources: SourceNames, _ connection: Database
    ) throws -> [ClaimedWindow] {
        let windowsOfType = try PreparedStatement(
            """
            SELECT \(WindowRow.columns) FROM windows WHERE type = ? AND due <= ? ORDER BY due, id LIMIT ?
            """, in: connection)
        // Skips rows of claimed windows.
        let due = try types.flatMap { type in
            try windowsOfType.rows(
                type, now, limits.windows + claims.count(of: type), map: WindowRow.init(columns:))
        }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
        let query = try PreparedStatement(
            "SELECT \(Event.columns) FROM events WHERE \"window\" = ? AND status IS NULL ORDER BY id", in: connection)
        var windows: [ClaimedWindow] = []
        var (count, bytes) = (0, 0)
        for row in due where windows.count < limits.windows && count < limits.events && bytes < limits.bytes {
            guard
                let (token, attempt) = claims.reserve(
                    row.id, of: row.key.type, after: row.attempt, until: leaseEnds, at: now)
            else {
                continue
            }
            let events = try query.rows(row.id) { try Event(columns: $0, sources: sources, database: connection) }
            let window = ClaimedWindow(
                id: row.id, token: token, revision: row.revision, window: row.span, isAlone: row.isAlone,
                events: events, attempt: attempt, lateness: max(.zero, now - row.due))
            windows.append(window)
            count += events.count
            bytes += window.events.payloadBytes
        }
        return windows
    }

    /// When the type's first unclaimed window is due.
    private static func nextDue(
        of type: EventTypeCode, beside claims: WindowClaims, _ connection: Database
    ) throws -> Timestamp? {
        let rows = try connection.rows(
            "SELECT id, due FROM windows WHERE type = ? ORDER BY due LIMIT ?", type, claims.count(of: type) + 1
        ) { (id: $0.integer(0), due: $0.timestamp(1)) }
        return rows.first { !claims.isClaimed($0.id) }?.due
    }

    /// The claimable types that have windows.
    private static func types(in limits: ClaimLimits, _ connection: Database) throws -> [EventTypeCode] {
        try connection.types("SELECT min(type) FROM windows WHERE type > ?").filter { limits.allows($0) }
    }

    public func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID> {
        let until = database.clock.now + lease
        return Set(claims.filter { database.claims.renew($0.id, token: $0.token, until: until) }.map(\.id))
    }

    public func nack(_ claims: [ClaimedWindow]) async throws {
        let held = claims.filter { database.claims.holds($0.id, token: $0.token) }
        // A window that is retried may still be stored as waiting; it no longer waits.
        let tried = held.filter { $0.attempt > 1 }
        if !tried.isEmpty {
            try await database.write { [clock = database.clock] connection in
                var counts = StoreCounts.zero
                for claim in tried {
                    counts.windows -= try connection.run(
                        "UPDATE windows SET state = 1, due = ? WHERE id = ? AND state = 3", clock.now, claim.id)
                }
                try counts.add(in: connection)
            }
        }
        for claim in held { database.claims.nack(claim.id, token: claim.token) }
        windowsChanged.notify()
    }

    public func postpone(_ postponements: [Postponement]) async throws {
        let claims = database.claims
        let held = postponements.filter { claims.holds($0.claim.id, token: $0.claim.token) }
        try await database.write { [clock = database.clock] connection in
            try Self.postpone(held, at: clock.now, claims, connection)
            claims.ending(held.map(\.claim.id))
        }
        claims.end(held.map(\.claim.id))
        windowsChanged.notify()
    }

    private static func postpone(
        _ postponements: [Postponement], at now: Timestamp, _ claims: WindowClaims, _ connection: Database
    ) throws {
        let byID = try PreparedStatement("SELECT \(WindowRow.columns) FROM windows WHERE id = ?", in: connection)
        let waiting = try PreparedStatement(
            """
            SELECT \(WindowRow.columns) FROM windows
            WHERE recipient = ? AND type = ? AND key_part IS ? AND state = 3 AND alone = 0
            """, in: connection)
        let tokens = Dictionary(postponements.map { ($0.claim.id, $0.claim.token) }) { $1 }
        let own = try tokens.keys.compactMap { try byID.first($0, map: WindowRow.init(columns:)) }
        // A waiting window that is being digested takes no more events.
        let others = try Set(own.map(\.key)).flatMap { key in
            try waiting.rows(key.recipient, key.type, key.part, map: WindowRow.init(columns:))
        }.filter { tokens[$0.id] == nil && !claims.isClaimed($0.id) }
        var merging = WindowMerging(
            (own + others).map { row in
                WindowMerging.Window(
                    id: row.id, key: row.key, token: tokens[row.id] ?? 0, isAlone: row.isAlone, due: row.due,
                    reason: row.waitsFor, attempt: row.attempt, events: row.window.events, bytes: row.window.bytes)
            }, waiting: Set(others.map(\.id)), at: now)
        for postponement in postponements.sorted(by: { $0.claim.id < $1.claim.id }) { merging.add(postponement) }
        let shown = Set((own + others).lazy.filter(\.isShown).map(\.id))
        var counts = StoreCounts.zero
        for (origin, target) in merging.moves {
            if shown.contains(origin) { counts.windows -= 1 }
            try connection.run("UPDATE events SET \"window\" = ? WHERE \"window\" = ?", target, origin)
            try connection.run("DELETE FROM windows WHERE id = ?", origin)
        }
        let attempts = Dictionary(postponements.map { ($0.claim.id, $0.claim.attempt) }) { $1 }
        for window in merging.changed {
            if !shown.contains(window.id) { counts.windows += 1 }
            try connection.run(
                """
                UPDATE windows SET state = 3, due = ?, attempt = ?, wait_reason = ?,
                    revision = revision + (events <> ?4), events = ?4, bytes = ?5 WHERE id = ?6
                """,
                window.due, max(window.attempt, attempts[window.id] ?? 0), window.reason?.rawValue, window.events,
                window.bytes, window.id)
        }
        try counts.add(in: connection)
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        let isFound = try await database.write { [clock = database.clock, claims = database.claims] connection in
            let (now, free) = (clock.now, claims.exclusion)
            // The process that opened a window may have another clock than this one: the opening time has passed for
            // both.
            let open = try connection.run(
                """
                UPDATE windows SET due = min(due, ?1, opened_at), closes_at = min(closes_at, ?1)
                WHERE recipient = ?2 AND type = ?3 AND key_part IS ?4 AND state = 0 AND alone = 0\(free)
                """,
                now, key.recipient, key.type, key.part)
            let waiting = try connection.run(
                """
                UPDATE windows SET due = min(due, ?1, opened_at)
                WHERE recipient = ?2 AND type = ?3 AND key_part IS ?4 AND state = 3 AND wait_reason = ?5
                """,
                now, key.recipient, key.type, key.part, WaitReason.service.rawValue)
            return open + waiting > 0
        }
        if isFound { windowsChanged.notify() }
        return isFound
    }

    public func boundDues(_ limits: DueLimits) async throws -> Int {
        let count = try await database.write { [clock = database.clock] connection in
            let now = clock.now
            return try Self.boundWindows(limits, at: now, connection)
                + connection.run(
                    """
                    UPDATE OR REPLACE outbox SET due = ?1 + (due - written_at), written_at = ?1 WHERE written_at > ?1
                    """, now)
        }
        if count > 0 {
            windowsChanged.notify()
            for wakeUp in database.outboxWakeUps.values { wakeUp.notify() }
        }
        return count
    }

    /// Corrects windows of processes that only add events and may have another clock: they get the due times that this
    /// clock would give.
    private func boundForeignWindows() async throws {
        let (now, checked) = (database.clock.now, database.checkedWindows.load(ordering: .relaxed))
        let found: (last: WindowID, ahead: Int64)? = try await database.look { connection in
            try connection.first(
                "SELECT ifnull(max(id), 0), sum(opened_at > ?) FROM windows WHERE id > ?", now, checked
            ) {
                ($0.integer(0), $0.integer(1))
            }
        }
        guard let found, found.last > checked else { return }
        if found.ahead > 0 {
            _ = try await database.write { connection in try Self.boundOpenings(at: now, connection) }
        }
        database.checkedWindows.store(found.last, ordering: .relaxed)
    }

    private static func boundOpenings(at now: Timestamp, _ connection: Database) throws -> Int {
        // A window with a time of day closes at the first one from now.
        let scheduled = try connection.rows(
            "SELECT \(WindowRow.columns) FROM windows WHERE opened_at > ? AND state = 0 AND rule LIKE ?", now,
            ClosingRule.scheduleMark + "%", map: WindowRow.init(columns:))
        let zones = try connection.zones(of: Set(scheduled.map(\.key.recipient)))
        for row in scheduled {
            let window = row.window.opened(by: now, in: zones[row.key.recipient])
            try connection.run(
                "UPDATE windows SET opened_at = ?1, closes_at = ?2, due = ?2 WHERE id = ?3", window.openedAt,
                window.closesAt, row.id)
        }
        return try scheduled.count
            + connection.run(
                """
                UPDATE windows SET closes_at = ?1 + (closes_at - opened_at), opened_at = ?1,
                    due = CASE state WHEN 0 THEN min(due, ?1 + (closes_at - opened_at)) WHEN 1 THEN min(due, ?1) ELSE due END
                WHERE opened_at > ?1
                """, now)
    }

    private static func boundWindows(
        _ limits: DueLimits, at now: Timestamp, _ connection: Database
    ) throws -> Int {
        let opened = try boundOpenings(at: now, connection)
        let closed = try connection.run("UPDATE windows SET due = ?1 WHERE state = 1 AND due > ?1", now)
        let waiting = try connection.run(
            "UPDATE windows SET due = ?1 WHERE state = 3 AND wait_reason = ?2 AND due > ?1", now + limits.serviceWait,
            WaitReason.service.rawValue)
        return opened + closed + waiting
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        try await database.read { [claims = database.claims] connection in
            let after = cursor ?? 0
            // Where the page ends at the latest; nil at the end of the table.
            let end: WindowID? = try connection.first(
                "SELECT id FROM windows WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", after, LiveWindowPage.readLimit - 1
            ) { $0.integer(0) }
            let found = try connection.rows(
                """
                SELECT \(WindowRow.columns) FROM windows
                WHERE (state = 0 AND alone = 0\(claims.exclusion) OR state = 3) AND id > ? AND id <= ?
                ORDER BY id LIMIT ?
                """, after, end ?? .max, limit + 1, map: WindowRow.init(columns:))
            // A claim does not change its window's row.
            let claimed = try connection.first(
                "SELECT count(*) FROM windows WHERE id IN (\(claims.claimed)) AND state = 0 AND alone = 0"
            ) { Int($0.integer(0)) }
            let page = found.prefix(limit)
            return LiveWindowPage(
                items: page.map(\.openWindow), total: try StoreCounts(in: connection).windows - (claimed ?? 0),
                next: found.count > limit ? page.last?.id : end)
        }
    }

    public func outlook(of event: Event) async throws -> EventOutlook {
        try await database.read { [producerIDs = database.producerIDs] connection in
            let holders = try event.producerID.map {
                try producerIDs.holders(of: StoredProducerID($0), source: event.source, in: connection)
            }
            let window = try connection.first(
                """
                SELECT \(WindowRow.columns) FROM windows
                WHERE recipient = ? AND type = ? AND key_part IS ? AND state = 0 AND alone = 0
                """, event.recipient, event.type, event.keyPart, map: WindowRow.init(columns:))
            return EventOutlook(isKnown: holders?.isEmpty == false, openWindow: window?.openWindow)
        }
    }

    public func liveWindow(_ id: WindowID) async throws -> LiveWindow? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(WindowRow.columns) FROM windows WHERE id = ?", id, map: WindowRow.init(columns:))?.openWindow
        }
    }

    public func endedWindow(_ id: WindowID) async throws -> EndedWindow? {
        try await database.read { connection in
            try connection.first(
                "SELECT \(EndedWindow.columns) FROM ended_windows WHERE id = ?", id, map: EndedWindow.init(columns:))
        }
    }
}
