public import SheafCore
import Synchronization

/// Reports within one process: the reference for other drivers.
public final class MemoryStageReports: StageReports {
    /// The reports of all instances that share it.
    private final class Board: Sendable {
        let reports = Mutex<[Int: (snapshot: StageSnapshot, at: Timestamp)]>([:])
        let processes = Mutex(0)
    }

    private let board: Board
    private let process: Int
    private let clock: any TimeSource
    private let lifetime: Duration

    public convenience init(clock: any TimeSource, lifetime: Duration = .seconds(10)) {
        self.init(board: Board(), clock: clock, lifetime: lifetime)
    }

    private init(board: Board, clock: any TimeSource, lifetime: Duration) {
        self.board = board
        self.clock = clock
        self.lifetime = lifetime
        process = board.processes.withLock { count in
            count += 1
            return count
        }
    }

    /// The same reports as another process sees them.
    public func otherProcess() -> MemoryStageReports {
        MemoryStageReports(board: board, clock: clock, lifetime: lifetime)
    }

    public func report(_ snapshot: StageSnapshot) async throws {
        board.reports.withLock { $0[process] = (snapshot, clock.now) }
    }

    public func others() async throws -> StageSnapshot {
        let horizon = clock.now - lifetime
        return board.reports.withLock { reports in
            reports.filter { $0.key != process && $0.value.at > horizon }.values
                .reduce(StageSnapshot()) { $0 + $1.snapshot }
        }
    }
}
