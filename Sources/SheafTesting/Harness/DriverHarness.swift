public import SheafCore

/// A driver under test, fresh and empty, with a way to let time pass for it.
///
/// Checks count time in ticks, and step over a moment that matters by a margin, so that the same checks run at once
/// where the clock is moved by hand and in bearable time where a server has its own.
public protocol DriverHarness: Sendable {
    /// The unit of time of the checks.
    var tick: Duration { get }

    /// How far from a moment a check stays to be surely before it; less than a tick.
    var margin: Duration { get }

    /// Lets `duration` pass on the driver's clock.
    func advance(by duration: Duration) async throws

    /// Frees what the driver holds.
    func tearDown() async
}

extension DriverHarness {
    // Of a clock that is moved by hand.
    public var tick: Duration { .seconds(1) }
    public var margin: Duration { .microseconds(1) }

    public func tearDown() async {}

    /// Runs `body` with this harness and frees it afterwards, whatever happens.
    public func use(_ body: (Self) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await tearDown()
            throw error
        }
        await tearDown()
    }

    func ticks(_ count: Int) -> Duration { tick * count }

    func advance(ticks count: Int) async throws { try await advance(by: ticks(count)) }

    /// Whether no time passes but by ``advance(by:)``.
    var isExact: Bool { margin <= .microseconds(1) }

    /// Whether a time that was measured is the one expected, or less by at most a margin.
    func isClose(_ measured: Duration?, to expected: Duration) -> Bool {
        guard let measured else { return false }
        return measured <= expected && expected - measured <= (isExact ? .zero : margin)
    }
}

/// A store under test.
public protocol EventStoreHarness: DriverHarness {
    var store: any EventStore { get }

    /// The same data in a store opened anew, as after a crash: the first one gets no chance to put things in order,
    /// and is not used again.
    func reopen() async throws -> any EventStore

    /// Whether claims outlive a crash until their leases end. If not, one process works on a store, and all windows are
    /// free when it starts.
    var keepsClaims: Bool { get }
}

extension EventStoreHarness {
    public var keepsClaims: Bool { true }
}

/// A debouncer under test.
public protocol DebouncerHarness: DriverHarness {
    var debouncer: any Debouncer { get }
}

/// A queue under test.
public protocol MessageQueueHarness: DriverHarness {
    var queue: any MessageQueue { get }
}
