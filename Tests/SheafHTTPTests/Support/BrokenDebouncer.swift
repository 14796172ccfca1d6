import SheafCore

/// A debouncer whose server cannot be reached.
struct BrokenDebouncer: Debouncer {
    private var gone: SheafError { SheafError(.unavailable, "the windows cannot be reached") }

    func add(_: [DebounceEntry]) async throws -> [DebounceAdmission] { throw gone }
    func claim(windows _: Int, events _: Int, lease _: Duration) async throws -> ClaimBatch<WindowClaim> { throw gone }
    func acknowledge(_: [WindowClaim]) async throws { throw gone }
    func release(_: [WindowClaim], delay _: @Sendable (WindowClaim) -> Duration) async throws { throw gone }
    func renew(_: [WindowClaim], lease _: Duration) async throws -> Set<WindowID> { throw gone }
    func flush(_: WindowKey) async throws -> Bool { throw gone }
    func openWindows(after _: WindowID?, limit _: Int) async throws -> LiveWindowPage { throw gone }
    func window(of _: EventID, key _: WindowKey) async throws -> LiveWindow? { throw gone }
    func openWindow(of _: WindowKey) async throws -> LiveWindow? { throw gone }
    func missing(_: [DebounceEntry]) async throws -> [DebounceEntry] { throw gone }
    func boundDues(lease _: Duration) async throws -> Int { throw gone }
    func erase(recipient _: RecipientID) async throws { throw gone }
}
