public import SheafCore

extension PostgresStore {
    /// Several processes may run this at once: each skips what another has locked.
    public func boundDues(_ limits: DueLimits) async throws -> Int {
        let count = try await database.transaction { session in
            let now = try session.rows("SELECT \(sql: SQL.now)")[0].timestamp(0)
            let (wait, lease) = (now + limits.serviceWait, now + limits.lease)
            let scheduled = try ScheduledWindow.bound(at: now, session)
            let windows = try session.rows(
                """
                UPDATE windows w SET opened_at = least(opened_at, \(now)), lease_until = least(lease_until, \(lease)),
                    closes_at = CASE WHEN opened_at > \(now) THEN closes_at - opened_at + \(now) ELSE closes_at END,
                    due = least(due, CASE state
                        WHEN 0 THEN closes_at - greatest(opened_at - \(now), 0)
                        WHEN 1 THEN \(now)
                        ELSE CASE wait_reason WHEN \(WaitReason.service.rawValue) THEN \(wait) ELSE due END END)
                WHERE id IN (
                    SELECT id FROM windows
                    WHERE opened_at > \(now) OR lease_until > \(lease) OR state = 1 AND due > \(now)
                        OR state = 2 AND wait_reason = \(WaitReason.service.rawValue) AND due > \(wait)
                    ORDER BY id FOR UPDATE SKIP LOCKED)
                RETURNING 1
                """)
            let messages = try session.rows(
                """
                UPDATE outbox SET due = due - written_at + \(now), written_at = \(now)
                WHERE (topic, shard, due, seq) IN (
                    SELECT topic, shard, due, seq FROM outbox WHERE written_at > \(now) FOR UPDATE SKIP LOCKED)
                RETURNING 1
                """)
            session.later("UPDATE outbox_shards SET lease_until = \(lease) WHERE lease_until > \(lease)")
            let hold = now + limits.lock
            session.later("UPDATE locks SET lease_until = \(hold) WHERE lease_until > \(hold)")
            session.later("UPDATE outbox_members SET expires_at = \(lease) WHERE expires_at > \(lease)")
            return scheduled + windows.count + messages.count
        }
        if count > 0 {
            windowsChanged.notify()
            for topic in Topic.allCases { database.outbox.wake(topic) }
        }
        return count
    }
}
