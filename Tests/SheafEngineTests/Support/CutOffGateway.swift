import SheafCore
import Synchronization

/// A gateway that responds once it is cancelled.
final class CutOffGateway: Gateway {
    private let outcome: GatewayOutcome
    private let count = Mutex(0)

    init(outcome: GatewayOutcome = .failed(httpStatus: nil, error: "cancelled", after: nil)) { self.outcome = outcome }

    var requests: Int { count.withLock(\.self) }

    func send(_: UserNotification, type _: String) async -> GatewayOutcome {
        count.withLock { $0 += 1 }
        await WakeUp().wait(after: 0)
        return outcome
    }
}
