import SheafCore
import Synchronization

/// A clock that stands still, in which every wait ends at once; it records the waits.
final class InstantTime: TimeSource {
    let now: Timestamp
    private let slept = Mutex<[Duration]>([])

    init(_ now: Timestamp = Timestamp(milliseconds: 1_764_000_000_000)) { self.now = now }

    var waits: [Duration] { slept.withLock { $0 } }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        slept.withLock { $0.append(duration) }
    }
}
