import SheafCore
import SheafTesting
import Synchronization

/// A gateway that responds to one notification, or to all, only when its gate is opened.
final class SlowGateway: Gateway {
    let gate = WakeUp()
    /// The requests that were answered.
    let recorded = RecordingGateway()
    private let slow: NotificationID?
    private let state = Mutex<Set<NotificationID>>([])

    /// - Parameter slow: the notification that waits, or `nil` for all.
    init(slow: NotificationID?) { self.slow = slow }

    /// The notifications that wait for a response.
    var running: Set<NotificationID> { state.withLock { $0 } }

    func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        if slow == nil || slow == notification.id {
            state.withLock { _ = $0.insert(notification.id) }
            await gate.wait(after: 0)
            state.withLock { _ = $0.remove(notification.id) }
        }
        return await recorded.send(notification, type: type)
    }
}
