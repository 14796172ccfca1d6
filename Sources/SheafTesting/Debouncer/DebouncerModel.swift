import SheafCore

/// What an observer can know of a debouncer: which events wait, and which windows were claimed with them.
///
/// It does not know when windows close, so it cannot make the same mistake as a driver.
struct DebouncerModel {
    private struct Place: Hashable {
        let event: EventID
        let key: WindowKey
    }

    private struct Claimed {
        var claim: WindowClaim
        var isHeld: Bool
        /// It cannot be claimed earlier.
        var notBefore: Duration
    }

    /// The waiting events, and the window in which each was seen.
    private var waiting: [Place: WindowID?] = [:]
    private var claimed: [WindowID: Claimed] = [:]
    private var ended: Set<WindowID> = []
    private var tokens: Set<Int64> = []

    /// Whether nothing waits.
    var isEmpty: Bool { waiting.isEmpty && claimed.isEmpty }

    func isWaiting(_ entry: DebounceEntry) -> Bool { waiting[Place(event: entry.event, key: entry.key)] != nil }

    /// Records an admission.
    /// - Returns: whether it is possible.
    mutating func admit(_ entry: DebounceEntry, _ outcome: DebounceAdmission.Outcome) -> Bool {
        if isWaiting(entry) { return outcome == .known }
        switch outcome {
        case .known: return false
        case .leading: return entry.policy.mode == .leading
        case .opened where entry.policy.mode == .leading: return false
        case .opened, .joined:
            waiting[Place(event: entry.event, key: entry.key)] = .some(nil)
            return true
        }
    }

    /// Records a claim.
    /// - Parameter now: the elapsed time, if known exactly.
    /// - Returns: what is wrong with it; `nil` if nothing.
    mutating func claim(_ claim: WindowClaim, maxEvents: Int, at now: Duration?, until end: Duration) -> String? {
        guard tokens.insert(claim.token).inserted else { return "a token that was used" }
        guard !ended.contains(claim.id) else { return "a window that has ended" }
        guard claim.events.count <= maxEvents else { return "too many events" }
        guard zip(claim.events, claim.events.dropFirst()).allSatisfy({ $0 < $1 }) else { return "events out of order" }
        guard claim.lateness >= .zero else { return "a window that is not due" }
        if let before = claimed[claim.id] {
            guard claim.events == before.claim.events, claim.window == before.claim.window else {
                return "another window"
            }
            guard claim.attempt == before.claim.attempt + 1 else { return "a wrong attempt" }
            if let now, now < before.notBefore { return "a window that is held or waits" }
        } else if claim.attempt != 1 {
            return "a wrong first attempt"
        }
        for event in claim.events {
            let place = Place(event: event, key: claim.window.key)
            guard let window = waiting[place] else { return "an event that does not wait" }
            guard window == nil || window == claim.id else { return "an event of another window" }
            waiting[place] = claim.id
        }
        claimed[claim.id] = Claimed(claim: claim, isHeld: true, notBefore: end)
        return nil
    }

    func isHeld(_ claim: WindowClaim) -> Bool {
        claimed[claim.id].map { $0.isHeld && $0.claim.token == claim.token } ?? false
    }

    mutating func acknowledge(_ claim: WindowClaim) {
        guard isHeld(claim) else { return }
        end(claim)
    }

    mutating func release(_ claim: WindowClaim, until moment: Duration) {
        guard isHeld(claim) else { return }
        claimed[claim.id]?.isHeld = false
        claimed[claim.id]?.notBefore = moment
    }

    mutating func renew(_ claim: WindowClaim, until moment: Duration) {
        guard isHeld(claim) else { return }
        claimed[claim.id]?.notBefore = moment
    }

    mutating func erase(_ recipient: RecipientID) {
        waiting = waiting.filter { $0.key.key.recipient != recipient }
        for window in claimed.values where window.claim.window.key.recipient == recipient { end(window.claim) }
    }

    private mutating func end(_ claim: WindowClaim) {
        for event in claim.events { waiting[Place(event: event, key: claim.window.key)] = nil }
        claimed[claim.id] = nil
        ended.insert(claim.id)
    }
}
