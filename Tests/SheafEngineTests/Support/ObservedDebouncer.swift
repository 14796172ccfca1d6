import SheafCore
import SheafMemory
import Synchronization

/// A debouncer in memory that counts calls, and fails when asked to.
final class ObservedDebouncer: Debouncer {
    private struct State {
        var claims = 0
        var held: [WindowID: Int] = [:]
        var mostHeldEvents = 0
        var releases: [Duration] = []
        var isDown = false
        var isAcknowledgingDown = false
    }

    private let base: MemoryDebouncer
    private let state = Mutex(State())

    init(clock: any TimeSource) { base = MemoryDebouncer(clock: clock) }

    /// How often windows were claimed.
    var claims: Int { state.withLock { $0.claims } }
    /// Windows that are claimed and neither acknowledged nor released.
    var held: Int { state.withLock { $0.held.count } }
    /// The maximum events in windows claimed at the same time.
    var mostHeldEvents: Int { state.withLock { $0.mostHeldEvents } }
    /// The delays of all windows that were released.
    var releases: [Duration] { state.withLock { $0.releases } }

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }
    func setAcknowledgingDown(_ isDown: Bool) { state.withLock { $0.isAcknowledgingDown = isDown } }

    private func check() throws {
        if state.withLock({ $0.isDown }) { throw Failures.infrastructure }
    }

    func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] {
        try check()
        return try await base.add(entries)
    }

    func claim(windows: Int, events: Int, lease: Duration) async throws -> ClaimBatch<WindowClaim> {
        try check()
        let batch = try await base.claim(windows: windows, events: events, lease: lease)
        state.withLock { state in
            state.claims += 1
            for claim in batch.claims { state.held[claim.id] = claim.events.count }
            state.mostHeldEvents = max(state.mostHeldEvents, state.held.values.reduce(0, +))
        }
        return batch
    }

    func acknowledge(_ claims: [WindowClaim]) async throws {
        try check()
        if state.withLock({ $0.isAcknowledgingDown }) { throw Failures.infrastructure }
        try await base.acknowledge(claims)
        state.withLock { state in
            for claim in claims { state.held[claim.id] = nil }
        }
    }

    func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws {
        let delays = claims.map(delay)
        try await base.release(claims, delay: delay)
        state.withLock { state in
            for claim in claims { state.held[claim.id] = nil }
            state.releases += delays
        }
    }

    func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID> {
        try check()
        return try await base.renew(claims, lease: lease)
    }

    func flush(_ key: WindowKey) async throws -> Bool { try await base.flush(key) }

    func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        try await base.openWindows(after: cursor, limit: limit)
    }

    func window(of event: EventID, key: WindowKey) async throws -> LiveWindow? {
        try await base.window(of: event, key: key)
    }

    func openWindow(of key: WindowKey) async throws -> LiveWindow? { try await base.openWindow(of: key) }

    func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry] {
        try check()
        return try await base.missing(entries)
    }

    func boundDues(lease: Duration) async throws -> Int {
        try check()
        return try await base.boundDues(lease: lease)
    }

    func erase(recipient: RecipientID) async throws { try await base.erase(recipient: recipient) }
}
