import SheafCore
import Synchronization

/// The recipients to whom this process is sending something, one batch at a time each.
///
/// A notification of a recipient who is busy is held in the store, which takes a transaction; meanwhile the recipient may
/// have become free, with nobody left to release what was held. Whoever comes last does it.
final class RecipientLanes: Sendable {
    private struct Lane {
        var isOwned = true
        /// Batches that are about to be held behind it.
        var joining = 0
        var hasFollowers = false
    }

    private let lanes = Mutex<[RecipientID: Lane]>([:])

    /// Takes the recipient's lane.
    /// - Returns: whether it was free. If not, the caller holds its notifications, and then calls ``joined(_:)``.
    func enter(_ recipient: RecipientID) -> Bool {
        lanes.withLock { lanes in
            guard var lane = lanes[recipient] else {
                lanes[recipient] = Lane()
                return true
            }
            let isFree = !lane.isOwned
            if isFree { lane.isOwned = true } else { lane.joining += 1 }
            lanes[recipient] = lane
            return isFree
        }
    }

    /// Frees the recipient's lane.
    /// - Returns: whether the caller is to release what was held meanwhile.
    func leave(_ recipient: RecipientID) -> Bool {
        lanes.withLock { lanes in
            guard var lane = lanes[recipient] else { return false }
            guard lane.joining > 0 else {
                lanes[recipient] = nil
                return lane.hasFollowers
            }
            lane.isOwned = false
            lanes[recipient] = lane
            return false
        }
    }

    /// Notes that what was to be held is held, or is not to be held any more.
    /// - Returns: whether the caller is to release it.
    func joined(_ recipient: RecipientID) -> Bool {
        lanes.withLock { lanes in
            guard var lane = lanes[recipient] else { return false }
            lane.joining -= 1
            lane.hasFollowers = true
            let isLast = !lane.isOwned && lane.joining == 0
            lanes[recipient] = isLast ? nil : lane
            return isLast
        }
    }
}
