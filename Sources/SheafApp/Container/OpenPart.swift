internal import Logging
internal import SheafCore

/// A part that is to be closed.
struct OpenPart: Sendable {
    let name: String
    private let close: @Sendable () async throws -> Void

    init(name: String, close: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.close = close
    }

    private enum Outcome: Sendable {
        case closed
        case failed(String)
        case overran(Duration)
    }

    /// Closes the part, or gives up when `deadline` has passed; the log tells where it did not go well.
    func close(within deadline: Duration?, time: any TimeSource, logger: Logger) async {
        switch await outcome(within: deadline, time: time) {
        case .closed: logger.debug("closed", metadata: ["part": "\(name)"])
        case .failed(let error):
            logger.error("a part could not be closed", metadata: ["part": "\(name)", "error": "\(error)"])
        case .overran(let deadline):
            logger.error(
                "a part did not close in time, and is left to itself",
                metadata: ["part": "\(name)", "deadline": "\(deadline.text)"])
        }
    }

    /// What comes first. A group of tasks would not do: it ends when its slowest task does, and a step that hangs may
    /// not heed cancellation.
    private func outcome(within deadline: Duration?, time: any TimeSource) async -> Outcome {
        let (outcomes, first) = AsyncStream<Outcome>.makeStream()
        let step = Task {
            do {
                try await close()
                first.yield(.closed)
            } catch { first.yield(.failed("\(error)")) }
        }
        let timer = deadline.map { deadline in
            Task {
                try await time.sleep(for: deadline)
                first.yield(.overran(deadline))
            }
        }
        defer {
            step.cancel()
            timer?.cancel()
        }
        for await outcome in outcomes { return outcome }
        // Only where the stream ends early: where this task was cancelled, which its owner never does.
        return .failed("cancelled")
    }
}
