import HeapModule
import SheafCore

/// All windows of a debouncer as a value, without a clock: every operation is given its moment.
struct WindowTable: Sendable {
    /// One window with its events.
    struct Window: Sendable {
        let id: WindowID
        let key: WindowKey
        var state: WindowState
        var events: [EventID] = []
        /// When it can be claimed: when it closes, when its lease ends, or when the delay of a release ends. `nil`
        /// while it is being claimed.
        var readyAt: Timestamp?
        /// The claim that holds it.
        var token: Int64?
        var attempt = 0
    }

    /// The windows of one key.
    private struct KeyWindows: Sendable {
        /// The window that events join; a claimed or replaced window is not open any more.
        var open: WindowID?
        /// The window in which each event waits.
        var places: [EventID: WindowID] = [:]
        var windows: Set<WindowID> = []
    }

    private struct ExactKey: Hashable, Sendable {
        let type: EventTypeCode
        let recipient: RecipientID
        let part: ExactText?

        init(_ key: WindowKey) {
            type = key.type
            recipient = key.recipient
            part = key.part.map(ExactText.init)
        }
    }

    private struct Ready: Comparable, Sendable {
        let at: Timestamp
        let id: WindowID

        static func < (left: Self, right: Self) -> Bool { (left.at, left.id) < (right.at, right.id) }
    }

    private var windows: [WindowID: Window] = [:]
    private var byKey: [ExactKey: KeyWindows] = [:]
    /// Windows by the time they are ready. An entry that disagrees with its window is outdated.
    private var ready = Heap<Ready>()
    private var lastID: WindowID = 0
    private var lastToken: Int64 = 0
}

// MARK: - Adding

extension WindowTable {
    mutating func add(_ entry: DebounceEntry, at now: Timestamp) -> DebounceAdmission {
        let name = ExactKey(entry.key)
        if let place = byKey[name]?.places[entry.event] { return admission(.known, to: place, at: now) }
        let open = byKey[name]?.open.flatMap { windows[$0] }
        if let open, open.state.leader == entry.event { return admission(.leading, to: open.id, at: now) }
        let (state, outcome) = WindowState.admit(
            entry.event, bytes: entry.bytes, to: open?.state, at: now, rule: .policy(entry.policy)
        ) { $0.next(after: now, in: nil) }
        guard let open, outcome == .joined else {
            let id = self.open(state, of: entry.key, in: name)
            guard outcome != .leading else { return admission(.leading, to: id, at: now) }
            place(entry.event, in: id, of: name)
            return admission(.opened, to: id, at: now)
        }
        windows[open.id]?.state = state
        place(entry.event, in: open.id, of: name)
        setReady(open.id, at: state.closesAt)
        return admission(.joined, to: open.id, at: now)
    }

    private mutating func open(_ state: WindowState, of key: WindowKey, in name: ExactKey) -> WindowID {
        lastID += 1
        windows[lastID] = Window(id: lastID, key: key, state: state, readyAt: state.closesAt)
        byKey[name, default: KeyWindows()].open = lastID
        byKey[name]?.windows.insert(lastID)
        ready.insert(Ready(at: state.closesAt, id: lastID))
        return lastID
    }

    private mutating func place(_ event: EventID, in id: WindowID, of name: ExactKey) {
        windows[id]?.events.append(event)
        byKey[name]?.places[event] = id
    }

    private func admission(
        _ outcome: DebounceAdmission.Outcome, to id: WindowID, at now: Timestamp
    ) -> DebounceAdmission {
        DebounceAdmission(outcome: outcome, dueIn: windows[id].map { max(.zero, $0.state.closesAt - now) } ?? .zero)
    }

    private mutating func setReady(_ id: WindowID, at moment: Timestamp) {
        guard windows[id]?.readyAt != moment else { return }
        windows[id]?.readyAt = moment
        ready.insert(Ready(at: moment, id: id))
    }
}

// MARK: - Claiming

extension WindowTable {
    mutating func claim(windows limit: Int, events: Int, lease: Duration, at now: Timestamp) -> ClaimBatch<WindowClaim>
    {
        var claims: [WindowClaim] = []
        var count = 0
        while claims.count < limit, count < events, let id = nextReady(at: now) {
            let claim = claim(id, at: now)
            count += claim?.events.count ?? 0
            claims += claim.map { [$0] } ?? []
        }
        // Only now, or this very call would claim a window again if the lease is zero.
        for claim in claims { setReady(claim.id, at: now + max(lease, .zero)) }
        dropOutdated()
        return ClaimBatch(claims: claims, nextDueIn: ready.min.map { max(.zero, $0.at - now) })
    }

    private mutating func nextReady(at now: Timestamp) -> WindowID? {
        dropOutdated()
        guard let first = ready.min, first.at <= now else { return nil }
        ready.removeMin()
        return first.id
    }

    private mutating func dropOutdated() {
        while let first = ready.min, windows[first.id]?.readyAt != first.at { ready.removeMin() }
    }

    private mutating func claim(_ id: WindowID, at now: Timestamp) -> WindowClaim? {
        guard var window = windows[id] else { return nil }
        lastToken += 1
        window.token = lastToken
        window.attempt += 1
        window.readyAt = nil
        windows[id] = window
        let name = ExactKey(window.key)
        if byKey[name]?.open == id { byKey[name]?.open = nil }
        return WindowClaim(
            id: id, token: lastToken,
            window: WindowSpan(
                key: window.key, openedAt: window.state.openedAt, closesAt: window.state.closesAt),
            events: window.events.sorted(), bytes: window.state.bytes, attempt: window.attempt,
            lateness: max(.zero, now - window.state.closesAt))
    }

    private func isHeld(_ claim: WindowClaim) -> Bool { windows[claim.id]?.token == claim.token }

    mutating func acknowledge(_ claim: WindowClaim) {
        guard isHeld(claim) else { return }
        remove(claim.id)
    }

    mutating func release(_ claim: WindowClaim, delay: Duration, at now: Timestamp) {
        guard isHeld(claim) else { return }
        windows[claim.id]?.token = nil
        setReady(claim.id, at: now + max(delay, .zero))
    }

    /// - Returns: whether the claim is still held.
    mutating func renew(_ claim: WindowClaim, lease: Duration, at now: Timestamp) -> Bool {
        guard isHeld(claim) else { return false }
        setReady(claim.id, at: now + max(lease, .zero))
        return true
    }

    private mutating func remove(_ id: WindowID) {
        guard let window = windows.removeValue(forKey: id) else { return }
        let name = ExactKey(window.key)
        for event in window.events { byKey[name]?.places[event] = nil }
        byKey[name]?.windows.remove(id)
        if byKey[name]?.open == id { byKey[name]?.open = nil }
        if byKey[name]?.windows.isEmpty == true { byKey[name] = nil }
    }
}

// MARK: - Reading, flushing, erasing

extension WindowTable {
    mutating func flush(_ key: WindowKey, at now: Timestamp) -> Bool {
        guard let id = byKey[ExactKey(key)]?.open, let state = windows[id]?.state else { return false }
        windows[id]?.state = state.with(closesAt: min(state.closesAt, now))
        setReady(id, at: min(state.closesAt, now))
        return true
    }

    mutating func boundDues(lease: Duration, at now: Timestamp) -> Int {
        var count = 0
        for window in windows.values {
            guard let readyAt = window.readyAt else { continue }
            let state = window.state.opened(by: now, in: nil)
            var bounded = readyAt - (window.state.openedAt - state.openedAt)
            if window.token != nil { bounded = min(bounded, now + lease) }
            guard state != window.state || bounded < readyAt else { continue }
            windows[window.id]?.state = state
            setReady(window.id, at: bounded)
            count += 1
        }
        return count
    }

    func openWindows(after cursor: WindowID?, limit: Int) -> LiveWindowPage {
        let open = byKey.values.compactMap(\.open)
        let rest = open.filter { id in cursor.map { $0 < id } ?? true }.sorted()
        let items = rest.prefix(limit).compactMap { windows[$0].map(Self.view) }
        return LiveWindowPage(items: items, total: open.count, next: rest.count > limit ? items.last?.id : nil)
    }

    func window(of event: EventID, key: WindowKey) -> LiveWindow? {
        byKey[ExactKey(key)]?.places[event].flatMap { windows[$0] }.map(Self.view)
    }

    func openWindow(of key: WindowKey) -> LiveWindow? {
        byKey[ExactKey(key)]?.open.flatMap { windows[$0] }.map(Self.view)
    }

    func isWaiting(_ entry: DebounceEntry) -> Bool {
        byKey[ExactKey(entry.key)]?.places[entry.event] != nil
    }

    mutating func erase(recipient: RecipientID) {
        for window in windows.values where window.key.recipient == recipient { remove(window.id) }
    }

    private static func view(_ window: Window) -> LiveWindow {
        LiveWindow(
            id: window.id, key: window.key, events: window.events.count, bytes: window.state.bytes,
            openedAt: window.state.openedAt, closesAt: window.state.closesAt)
    }
}
