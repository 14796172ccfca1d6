public import SheafCore
import Synchronization

extension MemoryStore {
    public func claim(_ limits: ClaimLimits, lease: Duration) async throws -> ClaimBatch<ClaimedWindow> {
        tables.withLock { $0.claim(limits, lease: lease, at: clock.now) }
    }

    public func renew(_ claims: [ClaimedWindow], lease: Duration) async throws -> Set<WindowID> {
        tables.withLock { tables in
            let now = clock.now
            return Set(claims.filter { tables.renew($0, lease: lease, at: now) }.map(\.id))
        }
    }

    public func nack(_ claims: [ClaimedWindow]) async throws {
        tables.withLock { tables in
            let now = clock.now
            for claim in claims { tables.nack(claim, at: now) }
        }
        windowsChanged.notify()
    }

    public func postpone(_ postponements: [Postponement]) async throws {
        tables.withLock { tables in
            let now = clock.now
            for postponement in postponements.sorted(by: { $0.claim.id < $1.claim.id }) {
                tables.postpone(postponement, at: now)
            }
        }
        windowsChanged.notify()
    }

    public func flush(_ key: WindowKey) async throws -> Bool {
        let isFlushed = tables.withLock { $0.flush(key, at: clock.now) }
        if isFlushed { windowsChanged.notify() }
        return isFlushed
    }

    public func boundDues(_ limits: DueLimits) async throws -> Int {
        let now = clock.now
        var count = tables.withLock { $0.boundDues(limits, at: now) }
        for topic in Topic.allCases { outbox[topic].change { count += $0.boundDues(at: now) } }
        windowsChanged.notify()
        return count
    }

    public func openWindows(after cursor: WindowID?, limit: Int) async throws -> LiveWindowPage {
        let shown = tables.withLock { $0.windows.values.filter(\.isShown) }
        let rest = shown.filter { window in cursor.map { $0 < window.id } ?? true }.sorted { $0.id < $1.id }
        let items = rest.prefix(limit).map(\.view)
        return LiveWindowPage(items: items, total: shown.count, next: rest.count > limit ? items.last?.id : nil)
    }
}
