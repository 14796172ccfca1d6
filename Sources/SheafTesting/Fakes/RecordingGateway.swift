public import SheafCore
import Synchronization

/// A gateway that records requests and returns prepared outcomes.
public final class RecordingGateway: Gateway {
    /// One request.
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
    ///   - script: the outcomes of the first requests, in order.
    ///   - otherwise: the outcome when the script is used up.
    public init(_ script: [GatewayOutcome] = [], otherwise: GatewayOutcome = .delivered(httpStatus: 200)) {
        state = Mutex(State(script: script, otherwise: otherwise))
    }

    /// Sets the outcomes of the next requests for `id`; they take precedence over the common script.
    public func answer(_ id: NotificationID, with outcomes: [GatewayOutcome]) {
        state.withLock { $0.scripts[id, default: []] += outcomes }
    }

    /// All requests, in order.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// How often each notification was sent.
    public var counts: [NotificationID: Int] { state.withLock { $0.counts } }

    public func send(_ notification: UserNotification, type: String) async -> GatewayOutcome {
        state.withLock { state in
            state.requests.append(Request(notification: notification, type: type))
            state.counts[notification.id, default: 0] += 1
            return state.answer(to: notification.id)
        }
    }
}
