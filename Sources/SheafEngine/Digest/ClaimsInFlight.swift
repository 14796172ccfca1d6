import DequeModule
import SheafCore
import Synchronization

/// The windows a worker is digesting, counted by type.
///
/// Each type has its own budget, so that a type with a slow service delays no other.
final class ClaimsInFlight<Claim: DigestibleClaim>: Sendable {
    /// How much of a type is being digested.
    private struct Load {
        var windows = 0
        var events = 0
        /// Bytes of the events' payloads.
        var bytes = 0
        /// Since when more than half of the budget has been in use; `nil` if it is not.
        var busySince: Timestamp?
    }

    /// Identifies a claim. A window that changed during its digest can be claimed again before its older claim is
    /// removed.
    private struct ClaimKey: Hashable {
        let window: WindowID
        let token: Int64

        init(_ claim: Claim) { (window, token) = (claim.id, claim.token) }
    }

    /// Windows of one recipient and type are digested one at a time, in the order in which they fell due.
    struct Lane: Hashable, Sendable {
        let recipient: RecipientID
        let type: EventTypeCode

        fileprivate init(_ claim: Claim) { (recipient, type) = (claim.window.key.recipient, claim.type) }
    }

    /// A claim and its recipient's settings.
    struct Work: Sendable {
        let claim: Claim
        let settings: RecipientDescription
    }

    private struct State {
        /// The waiting work of each lane in progress.
        var lanes: [Lane: Deque<Work>] = [:]
        var claims: [ClaimKey: Claim] = [:]
        var loads: [EventTypeCode: Load] = [:]
        /// Windows that had changed when their digest was to be stored.
        var changed: Set<WindowID> = []
        var hasFailed = false
    }

    private let windows: Int
    private let events: Int
    private let bytes: Int
    private let stuckAfter: Duration
    private let state = Mutex(State())
    private let end = WakeUp()

    /// - Parameters:
    ///   - windows: the maximum windows of a type.
    ///   - events: the maximum events of a type's windows; the window claimed last may exceed it.
    ///   - bytes: the maximum payload bytes of a type; the window claimed last may exceed it.
    ///   - stuckAfter: how long a type may be busy before it counts as stuck.
    init(windows: Int, events: Int, bytes: Int, stuckAfter: Duration) {
        self.windows = windows
        self.events = events
        self.bytes = bytes
        self.stuckAfter = stuckAfter
    }

    var claims: [Claim] { state.withLock { Array($0.claims.values) } }

    /// Whether any work has failed.
    var hasFailed: Bool { state.withLock(\.hasFailed) }

    /// What may be claimed now. A type with more than half of its budget in flight is excluded until a larger claim is
    /// worthwhile. Claims of other types stay within their budgets.
    ///
    /// - Parameter declared: the declared types whose windows may be claimed; `nil` for all.
    func room(at now: Timestamp, declared: Set<EventTypeCode>? = nil) -> ClaimRoom {
        state.withLock { state in
            let free = state.loads.values.filter { $0.busySince == nil }
            let busy = state.loads.compactMapValues(\.busySince)
            return ClaimRoom(
                limits: ClaimLimits(
                    windows: windows - (free.map(\.windows).max() ?? 0),
                    events: events - (free.map(\.events).max() ?? 0),
                    bytes: bytes - (free.map(\.bytes).max() ?? 0), excluding: Set(busy.keys),
                    declared: declared),
                stuck: Set(busy.filter { now - $0.value >= stuckAfter }.keys))
        }
    }

    /// - Parameter settings: the settings of the recipients.
    /// - Returns: lanes without a worker. The caller must work on them and take their claims from ``next(in:)``.
    func insert(
        _ claims: [Claim], settings: [RecipientID: RecipientDescription] = [:], at now: Timestamp
    ) -> [Lane] {
        state.withLock { state in
            var idle: [Lane] = []
            for claim in claims {
                let lane = Lane(claim)
                if state.lanes[lane] == nil { idle.append(lane) }
                let work = Work(claim: claim, settings: settings[lane.recipient] ?? RecipientDescription())
                state.lanes[lane, default: []].append(work)
            }
            for claim in claims where state.claims.updateValue(claim, forKey: ClaimKey(claim)) == nil {
                var load = state.loads[claim.type] ?? Load()
                load.windows += 1
                load.events += claim.events.count
                load.bytes += claim.events.payloadBytes
                if isBusy(load) { load.busySince = load.busySince ?? now }
                state.loads[claim.type] = load
            }
            return idle
        }
    }

    /// The next work of a lane; `nil` if there is none, and then the lane has no worker any more.
    func next(in lane: Lane) -> Work? {
        state.withLock { state in
            if let work = state.lanes[lane]?.popFirst() { return work }
            state.lanes[lane] = nil
            return nil
        }
    }

    /// - Returns: whether its type was busy before and no longer is.
    func remove(_ claim: Claim) -> Bool {
        state.withLock { state in
            guard state.claims.removeValue(forKey: ClaimKey(claim)) != nil, var load = state.loads[claim.type] else {
                return false
            }
            let wasBusy = load.busySince != nil
            load.windows -= 1
            load.events -= claim.events.count
            load.bytes -= claim.events.payloadBytes
            if !isBusy(load) { load.busySince = nil }
            state.loads[claim.type] = load.windows == 0 ? nil : load
            return wasBusy && load.busySince == nil
        }
    }

    /// Records whether a window had changed when its digest was to be stored.
    /// - Returns: whether it has changed several times in a row.
    func note(_ claim: Claim, hasChanged: Bool) -> Bool {
        state.withLock { state in
            if hasChanged { return !state.changed.insert(claim.id).inserted }
            state.changed.remove(claim.id)
            return false
        }
    }

    /// Call this if nothing is due: windows that had changed have ended or wait.
    func rest() {
        state.withLock { state in
            if state.claims.isEmpty { state.changed = [] }
        }
    }

    private func isBusy(_ load: Load) -> Bool {
        load.windows > windows / 2 || load.events > events / 2 || load.bytes > bytes / 2
    }

    func fail() { state.withLock { $0.hasFailed = true } }

    /// Ends the waiting; no more claims will come.
    func stop() { end.notify() }

    /// Waits for `duration`.
    /// - Returns: `false` as soon as no more claims will come.
    func wait(for duration: Duration, on clock: any TimeSource) async -> Bool {
        guard end.generation == 0 else { return false }
        try? await end.wait(after: 0, atMost: duration, on: clock)
        return end.generation == 0 && !Task.isCancelled
    }
}
