import SheafCore

/// What an observer can know of a store: which events wait, in which windows they were claimed, and how each ended.
///
/// It does not know when windows are due, so it cannot make the same mistake as a driver.
struct EventStoreModel {
    /// How an event ended.
    struct End: Hashable {
        let status: EventStatus
        let notification: NotificationID?
    }

    private struct Seen {
        var claim: ClaimedWindow
        /// Whether its claim can still be digested.
        var isHeld = true
        /// It cannot be claimed earlier.
        var notBefore: Duration
        var waitsFor: WaitReason?
        /// The attempt of the next claim; `nil` if windows may have merged.
        var nextAttempt: Int?
    }

    private(set) var waiting: [EventID: WindowKey] = [:]
    /// Events that wait in no window of the store.
    private(set) var unassigned: [EventID: Event] = [:]
    private(set) var ended: [EventID: End] = [:]
    private var seen: [WindowID: Seen] = [:]
    private var gone: Set<WindowID> = []
    /// When the first window of a key from outside the store may be claimed.
    private var adopted: [WindowKey: Duration] = [:]
    private var tokens: Set<Int64> = []

    var newEvents: Int { waiting.count + unassigned.count }
    var dead: [EventID] { ended.filter { $0.value.status == .dead }.map(\.key).sorted() }

    mutating func accept(_ event: Event, as admission: Admission) {
        if case .ended = admission {
            ended[event.id] = End(status: .suppressed, notification: nil)
        } else if admission == .relayed {
            unassigned[event.id] = event
        } else {
            waiting[event.id] = event.windowKey
        }
    }

    mutating func readmit(_ event: Event, as admission: Admission) {
        ended[event.id] = nil
        unassigned[event.id] = nil
        accept(event, as: admission)
    }

    // MARK: - Claims

    /// Records a claim.
    /// - Parameters:
    ///   - policy: the window's policy; `nil` if it came from outside the store.
    ///   - now: the elapsed time, if known exactly.
    /// - Returns: what is wrong with it; `nil` if nothing.
    mutating func claim(
        _ claim: ClaimedWindow, policy: WindowPolicy?, wasFlushed: Bool, at now: Duration?, until end: Duration
    ) -> String? {
        guard claim.token != 0, tokens.insert(claim.token).inserted else { return "a token that was used" }
        guard !gone.contains(claim.id) else { return "a window that has ended" }
        let ids = claim.events.map(\.id)
        guard zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else { return "events out of order" }
        guard claim.lateness >= .zero else { return "a window that is not due" }
        guard ids.allSatisfy({ waiting[$0] == claim.window.key }) else { return "an event that does not wait" }
        if let fault = seen[claim.id].map({ again(claim, $0, at: now) }) ?? first(claim, policy, wasFlushed) {
            return fault
        }
        let others = seen.filter { $0.key != claim.id && $0.value.isHeld }.values
        guard others.allSatisfy({ Set($0.claim.events.map(\.id)).isDisjoint(with: ids) }) else {
            return "an event of a window that another has claimed"
        }
        seen[claim.id] = Seen(claim: claim, notBefore: end, nextAttempt: claim.attempt + 1)
        return nil
    }

    private func again(_ claim: ClaimedWindow, _ before: Seen, at now: Duration?) -> String? {
        guard claim.window == before.claim.window, claim.isAlone == before.claim.isAlone else {
            return "another window"
        }
        if let now, now < before.notBefore { return "a window that is held or waits" }
        let isSame = claim.events == before.claim.events
        if before.waitsFor == nil || claim.isAlone {
            guard isSame else { return "other events than before" }
        } else {
            guard Set(before.claim.events).isSubset(of: claim.events) else { return "fewer events than before" }
        }
        guard !isSame || before.nextAttempt == nil || claim.attempt == before.nextAttempt else {
            return "a wrong attempt"
        }
        return nil
    }

    private func first(_ claim: ClaimedWindow, _ policy: WindowPolicy?, _ wasFlushed: Bool) -> String? {
        guard let policy else { return nil }
        guard claim.attempt == 1 else { return "a wrong first attempt" }
        let length = claim.window.closesAt - claim.window.openedAt
        if claim.isAlone { return claim.events.count == 1 && length == .zero ? nil : "not an event by itself" }
        guard claim.events.count <= policy.maxEvents else { return "too many events" }
        guard length >= .zero, length <= policy.longest else { return "a window that was open too long" }
        guard wasFlushed || claim.events.count == policy.maxEvents || length >= policy.length else {
            return "a window that was open too short"
        }
        return nil
    }

    func isHeld(_ claim: ClaimedWindow) -> Bool {
        seen[claim.id].map { $0.isHeld && $0.claim.token == claim.token } ?? false
    }

    mutating func renew(_ claim: ClaimedWindow, until moment: Duration) {
        if isHeld(claim) { seen[claim.id]?.notBefore = moment }
    }

    mutating func nack(_ claim: ClaimedWindow, at now: Duration) {
        guard isHeld(claim) else { return }
        seen[claim.id]?.isHeld = false
        seen[claim.id]?.notBefore = now
        seen[claim.id]?.nextAttempt = claim.attempt
    }

    mutating func postpone(_ claim: ClaimedWindow, reason: WaitReason, until moment: Duration) {
        guard isHeld(claim) else { return }
        let key = claim.window.key
        seen[claim.id]?.isHeld = false
        seen[claim.id]?.notBefore = moment
        seen[claim.id]?.waitsFor = reason
        guard !claim.isAlone else { return }
        // A younger waiting window may have joined this one, which then waits as long as the younger did.
        let younger = seen.values.filter {
            $0.waitsFor != nil && $0.claim.window.key == key && !$0.claim.isAlone && $0.claim.id > claim.id
        }
        guard let earliest = (younger.map(\.notBefore) + [adopted[key]].compactMap(\.self)).min() else { return }
        seen[claim.id]?.notBefore = min(earliest, moment)
        seen[claim.id]?.waitsFor = .service
        seen[claim.id]?.nextAttempt = nil
    }

    mutating func flush(_ key: WindowKey, at now: Duration) {
        for (id, window) in seen where window.claim.window.key == key && window.waitsFor == .service {
            seen[id]?.notBefore = now
        }
        if adopted[key] != nil { adopted[key] = now }
    }

    // MARK: - Ends

    mutating func end(_ digest: Digest) {
        if case .claim(let id, _, _) = digest.source {
            seen[id] = nil
            gone.insert(id)
        }
        let exceptions = Dictionary(uniqueKeysWithValues: digest.exceptions.map { ($0.event, $0.status) })
        for event in digest.events {
            waiting[event] = nil
            unassigned[event] = nil
            let usual: EventStatus = digest.reason == nil ? .processed : .suppressed
            let status = exceptions[event] ?? usual
            ended[event] = End(status: status, notification: status == .processed ? digest.id : nil)
        }
    }

    mutating func adopt(_ events: [EventID], in key: WindowKey, until moment: Duration) {
        adopted[key] = adopted[key].map { min($0, moment) } ?? moment
        for event in events {
            unassigned[event] = nil
            waiting[event] = key
        }
    }

    mutating func erase(_ recipient: RecipientID, events: Set<EventID>) {
        waiting = waiting.filter { !events.contains($0.key) }
        unassigned = unassigned.filter { !events.contains($0.key) }
        ended = ended.filter { !events.contains($0.key) }
        for (id, window) in seen where window.claim.window.key.recipient == recipient {
            seen[id] = nil
            gone.insert(id)
        }
    }
}
