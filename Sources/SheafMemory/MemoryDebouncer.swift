public import SheafCore
import Synchronization

/// A debouncer in memory: the reference for other debouncers.
public final class MemoryDebouncer: Debouncer {
    private let table = Mutex(WindowTable())
    private let clock: any TimeSource

    public init(clock: any TimeSource) { self.clock = clock }

    public func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] {
        table.withLock { table in
            let now = clock.now
            return entries.map { table.add($0, at: now) }
        }
    }

    public func claim(windows: Int, events: Int, lease: Duration) async throws -> ClaimBatch<WindowClaim> {
        table.withLock { $0.claim(windows: windows, events: events, lease: lease, at: clock.now) }
    }

    public func acknowledge(_ claims: [WindowClaim]) async throws {
        table.withLock { table in
            for claim in claims { table.acknowledge(claim) }
        }
    }

    public func release(_ claims: [WindowClaim], delay: @Sendable (WindowClaim) -> Duration) async throws {
        let delays = claims.map(delay)
        table.withLock { table in
            let now = clock.now
            for (claim, delay) in zip(claims, delays) { table.release(claim, delay: delay, at: now) }
        }
    }

    public func renew(_ claims: [WindowClaim], lease: Duration) async throws -> Set<WindowID> {
        table.withLock { table in
            let now = clock.now
            return Set(claims.filter { table.renew($0, lease: lease, at: now) }.map(\.id))
        }
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        table.withLock { $0.flush(key, at: clock.now) }
    }

    public func boundDues(lease: Duration) async throws -> Int {
        table.withLock { $0.boundDues(lease: lease, at: clock.now) }
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        table.withLock { $0.openWindows(after: cursor, limit: limit) }
    }

    public func window(of event: EventID, key: WindowKey) async throws -> LiveWindow? {
        table.withLock { $0.window(of: event, key: key) }
    }

    public func openWindow(of key: WindowKey) async throws -> LiveWindow? {
        table.withLock { $0.openWindow(of: key) }
    }

    public func missing(_ entries: [DebounceEntry]) async throws -> [DebounceEntry] {
        table.withLock { table in entries.filter { !table.isWaiting($0) } }
    }

    public func erase(recipient: RecipientID) async throws {
        table.withLock { $0.erase(recipient: recipient) }
    }
}
