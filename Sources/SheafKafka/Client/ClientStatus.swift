import CRdKafka
import SheafCore
import Synchronization

/// What is known about a client's brokers without asking them.
final class ClientStatus: Sendable {
    private struct State {
        var trouble: rd_kafka_resp_err_t?
        var fatal: rd_kafka_resp_err_t?
    }

    private let state = Mutex(State())

    /// The problem since the client's last success; `nil` if all is well.
    var trouble: String? { reason?.text }

    /// The error behind ``trouble``.
    var reason: rd_kafka_resp_err_t? { state.withLock { $0.fatal ?? $0.trouble } }

    /// The error after which the client can do nothing any more.
    var fatal: rd_kafka_resp_err_t? { state.withLock { $0.fatal } }

    func note(_ code: rd_kafka_resp_err_t) {
        switch code {
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL,
            RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            state.withLock { $0.trouble = code }
        default: break
        }
    }

    func noteFatal(_ code: rd_kafka_resp_err_t) { state.withLock { $0.fatal = code } }

    /// Call this if a broker sent something.
    func noteSuccess() { state.withLock { $0.trouble = nil } }
}
