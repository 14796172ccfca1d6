public import SheafCore

/// A driver under test, fresh and empty, with a way to let time pass for it.
///
/// Checks count time in ticks and keep a margin from moments that matter. So the same checks run instantly if the clock
/// is moved by hand, and in acceptable time if a server has its own clock.
public protocol DriverHarness: Sendable {
    /// The unit of time of the checks.
    var tick: Duration { get }

    /// How long before a moment a check acts in order to be surely before it; less than a tick.
    var margin: Duration { get }

    /// Whether time passes only by ``advance(by:)``.
    var isExact: Bool { get }

    /// Lets `duration` pass on the driver's clock.
    func advance(by duration: Duration) async throws

    /// Frees the driver's resources.
    func tearDown() async
}

extension DriverHarness {
    // For a clock that is moved by hand.
    public var tick: Duration { .seconds(1) }
    public var margin: Duration { .microseconds(1) }

    public func tearDown() async {}

    /// Runs `body` with this harness and tears it down afterwards, even after an error.
    public func use(_ body: (Self) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await tearDown()
            throw error
        }
        await tearDown()
    }

    public var isExact: Bool { margin <= .microseconds(1) }

    func ticks(_ count: Int) -> Duration { tick * count }

    func advance(ticks count: Int) async throws { try await advance(by: ticks(count)) }

    /// Whether a measured time equals the expected one, or is less by at most a margin.
    func isClose(_ measured: Duration?, to expected: Duration) -> Bool {
        guard let measured else { return false }
        return measured <= expected && expected - measured <= (isExact ? .zero : margin)
    }
}

/// A store under test.
public protocol EventStoreHarness: DriverHarness {
    var store: any EventStore { get }

    /// The same data in a reopened store, as after a crash: the first store cannot clean up, and is not used again.
    func reopen() async throws -> any EventStore

    /// Whether claims survive a crash until their leases end. If not, only one process works on a store, and all
    /// windows are free when it starts.
    var keepsClaims: Bool { get }

    /// What the store keeps count of, and the rows as they are counted at the same moment; `nil` if it counts rows itself.
    func counts() async throws -> (kept: StoreCounts, counted: StoreCounts)?
}

extension EventStoreHarness {
    public var keepsClaims: Bool { true }

    public func counts() async throws -> (kept: StoreCounts, counted: StoreCounts)? { nil }
}

/// A debouncer under test.
public protocol DebouncerHarness: DriverHarness {
    var debouncer: any Debouncer { get }
}

/// A queue under test.
public protocol MessageQueueHarness: DriverHarness {
    var queue: any MessageQueue { get }
}
