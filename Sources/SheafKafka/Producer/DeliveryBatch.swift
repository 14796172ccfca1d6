import CRdKafka
import SheafCore
import Synchronization

/// Counts the delivery reports of records that were sent together.
///
/// Each record in flight holds a reference, which its report releases.
final class DeliveryBatch: Sendable {
    private struct State {
        var pending: Int
        var failure: rd_kafka_resp_err_t?
        var isCancelled = false
        var continuation: CheckedContinuation<Void, any Error>?
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(pending: count)) }

    /// Records the result of one record.
    func report(_ code: rd_kafka_resp_err_t) {
        let over = state.withLock { state -> (CheckedContinuation<Void, any Error>, rd_kafka_resp_err_t?)? in
            state.pending -= 1
            if code != RD_KAFKA_RESP_ERR_NO_ERROR, state.failure == nil { state.failure = code }
            guard state.pending == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.failure)
        }
        if let (continuation, failure) = over { continuation.resume(with: Self.result(failure)) }
    }

    /// Waits for all reports.
    ///
    /// - Throws: ``SheafError`` with the first failure; `CancellationError` if the task is cancelled, while the
    ///   records may still arrive.
    func wait() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if state.pending == 0 { return Self.result(state.failure) }
                    if state.isCancelled { return .failure(CancellationError()) }
                    state.continuation = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.isCancelled = true
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private static func result(_ failure: rd_kafka_resp_err_t?) -> Result<Void, any Error> {
        failure.map { .failure($0.error("publishing to Kafka failed")) } ?? .success(())
    }
}
