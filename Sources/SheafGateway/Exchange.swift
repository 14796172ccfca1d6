import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One request and its response.
///
/// It uses the client's callbacks, all on one event loop, since the client's async interface takes several tasks for
/// each request. Once the status is known, the rest of the response is only read so that the connection can be reused,
/// and a failure changes nothing.
final class Exchange: HTTPClientResponseDelegate {
    struct Answer {
        let head: HTTPResponseHead
        /// Whether the client followed it to another response.
        var isRedirect = false
    }

    typealias Response = Answer

    private struct State {
        var answer: Answer?
        /// How many bytes of the response were read.
        var length = 0
        var task: HTTPClient.Task<Answer>?
        var isCancelled = false
    }

    /// The maximum bytes read of a response; beyond them the connection is closed.
    static let answerLimit = 64 * 1024

    private let patience: TimeAmount
    private let state = Mutex(State())

    /// - Parameter patience: how long to wait for the rest of a response whose status is known.
    init(patience: TimeAmount) { self.patience = patience }

    /// Sends the request and returns the first response.
    func run(_ request: HTTPClient.Request, on client: HTTPClient, deadline: NIODeadline) async throws -> Answer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let loop = client.eventLoopGroup.any()
                loop.execute {
                    let task = client.execute(
                        request: request, delegate: self, eventLoop: .delegate(on: loop), deadline: deadline)
                    self.begin(task)
                    task.futureResult.whenComplete { result in
                        continuation.resume(with: self.answer.map { .success($0) } ?? result)
                    }
                }
            }
        } onCancel: {
            cancel()
        }
    }

    private var answer: Answer? { state.withLock { $0.answer } }

    // MARK: Cancelling

    private func begin(_ task: HTTPClient.Task<Answer>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    private func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    // MARK: Callbacks

    func didVisitURL(task: HTTPClient.Task<Answer>, _ request: HTTPClient.Request, _ head: HTTPResponseHead) {
        state.withLock { state in
            if state.answer == nil { state.answer = Answer(head: head) } else { state.answer?.isRedirect = true }
        }
    }

    func didReceiveHead(task: HTTPClient.Task<Answer>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let end = task.eventLoop.scheduleTask(in: patience) { task.cancel() }
        task.futureResult.whenComplete { _ in end.cancel() }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Answer>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let length = state.withLock { state in
            state.length += part.readableBytes
            return state.length
        }
        if length > Self.answerLimit { task.cancel() }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Answer>) throws -> Answer {
        guard let answer else { throw HTTPClientError.remoteConnectionClosed }
        return answer
    }
}
