import SheafCore

// Changes of windows outside transactions.
extension MemoryTables {
    mutating func claim(_ limits: ClaimLimits, lease: Duration, at now: Timestamp) -> ClaimBatch<ClaimedWindow> {
        let allowed = windows.values.filter { limits.allows($0.key.type) }
        let due = allowed.filter { $0.due <= now }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
        var claims: [ClaimedWindow] = []
        var (events, bytes) = (0, 0)
        for window in due {
            guard claims.count < limits.windows, events < limits.events, bytes < limits.bytes else { break }
            let claim = claim(window, lease: lease, at: now)
            claims.append(claim)
            events += claim.events.count
            bytes += claim.events.payloadBytes
        }
        let next =
            claims.count < due.count ? now : allowed.compactMap { windows[$0.id]?.due }.min()
        return ClaimBatch(claims: claims, nextDueIn: next.map { max(.zero, $0 - now) })
    }

    mutating func boundDues(_ limits: DueLimits, at now: Timestamp) -> Int {
        var count = 0
        for window in windows.values {
            var bounded = window
            bounded.state = window.state.opened(by: now, in: recipients[window.key.recipient]?.timeZone)
            switch window.stage {
            case .open: bounded.due = bounded.state.closesAt
            case .closed: bounded.due = min(bounded.due, now)
            case .claimed: bounded.due = min(bounded.due, now + limits.lease)
            case .waiting(.service): bounded.due = min(bounded.due, now + limits.serviceWait)
            case .waiting: break
            }
            guard bounded.due != window.due || bounded.state != window.state else { continue }
            set(bounded, for: window.id)
            count += 1
        }
        return count
    }

    private mutating func claim(_ window: MemoryWindow, lease: Duration, at now: Timestamp) -> ClaimedWindow {
        var claimed = window
        claimed.stage = .claimed(after: window.waitsFor)
        claimed.due = now + max(lease, .zero)
        claimed.token = nextNumber()
        claimed.attempt = claimed.attempt.addingClamped(1)
        set(claimed, for: window.id)
        return ClaimedWindow(
            id: window.id, token: claimed.token, revision: claimed.revision,
            window: WindowSpan(
                key: window.key, openedAt: window.state.openedAt, closesAt: window.state.closesAt),
            isAlone: window.isAlone, events: events(in: window.id), attempt: claimed.attempt,
            lateness: now - window.due)
    }

    /// - Returns: whether the claim is still held.
    mutating func renew(_ claim: ClaimedWindow, lease: Duration, at now: Timestamp) -> Bool {
        guard var window = windows[claim.id], window.isHeld(by: claim) else { return false }
        window.due = now + max(lease, .zero)
        set(window, for: window.id)
        return true
    }

    mutating func nack(_ claim: ClaimedWindow, at now: Timestamp) {
        guard var window = windows[claim.id], window.isHeld(by: claim) else { return }
        window.stage = .closed
        window.due = now
        window.token = 0
        window.attempt -= 1
        set(window, for: window.id)
    }

    mutating func postpone(_ postponement: Postponement, at now: Timestamp) {
        guard var window = windows[postponement.claim.id], window.isHeld(by: postponement.claim) else { return }
        window.stage = .waiting(postponement.reason)
        window.waitedFor = postponement.reason
        window.due = now + max(postponement.delay, .zero)
        window.token = 0
        window.revision += 1
        set(window, for: window.id)
        let others = windows.values.filter { other in
            other.id != window.id && other.key == window.key && other.isWaiting && !other.isAlone
                && other.state.events + window.state.events <= postponement.maxEvents
                && other.state.bytes + window.state.bytes <= WindowState.mostBytes
        }
        guard !window.isAlone, let other = others.min(by: { $0.id < $1.id }) else { return }
        merge(window, into: other)
    }

    /// Merges two waiting windows into the one that was opened first; the wait of `waiting` does not change.
    private mutating func merge(_ window: MemoryWindow, into waiting: MemoryWindow) {
        let (older, younger) = waiting.id < window.id ? (waiting, window) : (window, waiting)
        var merged = older
        merged.stage = waiting.stage
        merged.due = waiting.due
        merged.waitedFor = waiting.waitedFor
        merged.attempt = max(older.attempt, younger.attempt)
        merged.state = older.state.with(
            events: older.state.events + younger.state.events, bytes: older.state.bytes + younger.state.bytes)
        merged.revision += 1
        for id in members[younger.id, default: []] {
            guard var event = events[id] else { continue }
            event.window = older.id
            set(event, for: id)
        }
        set(nil, for: younger.id)
        set(merged, for: older.id)
    }

    /// Makes the recipient's windows that close at a time of day use the recipient's current time zone.
    mutating func retime(windowsOf recipient: RecipientID, at now: Timestamp) {
        let zone = recipients[recipient]?.timeZone
        for var window in windows.values
        where window.key.recipient == recipient && window.isOpen && !window.state.isDue(at: now) {
            guard let closesAt = window.state.retimed(in: zone) else { continue }
            window.state = window.state.with(closesAt: closesAt)
            window.due = closesAt
            set(window, for: window.id)
        }
    }

    /// - Returns: whether there was a window to flush.
    mutating func flush(_ key: WindowKey, at now: Timestamp) -> Bool {
        let held = windows.values.filter { $0.key == key && $0.waitsFor == .service }
        for var window in held where window.isWaiting {
            window.due = now
            set(window, for: window.id)
        }
        guard var window = openWindow(of: key) else { return !held.isEmpty }
        window.state = window.state.with(closesAt: min(window.state.closesAt, now))
        window.due = window.state.closesAt
        window.revision += 1
        set(window, for: window.id)
        return true
    }
}
