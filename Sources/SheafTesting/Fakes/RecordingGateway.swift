public import SheafCore
import Synchronization

/// A gateway that remembers what it was handed, and answers as it was told to.
public final class RecordingGateway: Gateway {
    /// What was handed over, once.
    public struct Request: Hashable, Sendable {
        public let notification: UserNotification
        /// The event type's name.
        public let type: String
    }

    private struct State {
        var requests: [Request] = []
        var counts: [NotificationID: Int] = [:]
        var script: [GatewayOutcome]
        var scripts: [NotificationID: [GatewayOutcome]] = [:]
        let otherwise: GatewayOutcome

        mutating func answer(to id: NotificationID) -> GatewayOutcome {
            if scripts[id]?.isEmpty == false, let own = scripts[id]?.removeFirst() { return own }
            return script.isEmpty ? otherwise : script.removeFirst()
        }
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - script: the answers to the first requests, in their order.
    ///   - otherwise: the answer when the script is used up.
    public init(_ script: [GatewayOutcome] = [], otherwise: GatewayOutcome = .delivered(httpStatus: 200)) {
        state = Mutex(State(script: script, otherwise: otherwise))
    }

    /// Answers the next requests for `id` with these, before the script that is for all.
    public func answer(_ id: NotificationID, with outcomes: [GatewayOutcome]) {
        state.withLock { $0.scripts[id, default: []] += outcomes }
    }

    /// All requests, in their order.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// How often each notification was handed over.
    public var counts: [NotificationID: Int] { state.withLock { $0.counts } }

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        state.withLock { state in
            state.requests.append(Request(notification: notification, type: type))
            state.counts[notification.id, default: 0] += 1
            return state.answer(to: notification.id)
        }
    }
}
