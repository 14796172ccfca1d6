import SheafCore

/// The conformance checks for drivers of ``Debouncer``.
public enum DebouncerConformance {
    public typealias Check = ConformanceCheck<any DebouncerHarness>

    public static var checks: [Check] {
        adding + closing + leading + full + claiming + leases + flushing + reading + erasing + scripts
    }
}

extension DriverHarness {
    /// A tumbling window of ten ticks.
    var tumbling: WindowPolicy { WindowPolicy(length: ticks(10)) }
    /// Closes six ticks after the last event, at most ten after the first.
    var sliding: WindowPolicy { WindowPolicy(mode: .sliding, length: ticks(6), maxWait: ticks(10)) }
    /// The first event at once, the others ten ticks later.
    var leading: WindowPolicy { WindowPolicy(mode: .leading, length: ticks(10)) }
}

extension DebouncerHarness {
    @discardableResult
    func add(
        _ events: [EventID], key: WindowKey = Samples.key(), policy: WindowPolicy? = nil
    ) async throws -> [DebounceAdmission] {
        try await add(
            events.map { DebounceEntry(event: $0, key: key, policy: policy ?? tumbling) })
    }

    @discardableResult
    func add(_ entries: [DebounceEntry]) async throws -> [DebounceAdmission] { try await debouncer.add(entries) }

    /// Claims everything that is due, for twenty ticks.
    func claim(windows: Int = 1000, events: Int = 1_000_000) async throws -> ClaimBatch<WindowClaim> {
        try await debouncer.claim(windows: windows, events: events, lease: ticks(20))
    }

    /// A claim of a window with these events, which is due at once.
    func claimed(_ events: [EventID], key: WindowKey = Samples.key()) async throws -> WindowClaim? {
        try await add(events, key: key)
        _ = try await debouncer.flush(key)
        return try await claim().claims.first
    }
}

extension [DebounceAdmission] {
    var outcomes: [DebounceAdmission.Outcome] { map(\.outcome) }
}

extension Samples {
    func eventIDs(_ count: Int) -> [EventID] { (0..<count).map { _ in eventID() } }
}
