import SheafCore
import Synchronization

/// Checks one part, and stops waiting for it after a time-out.
///
/// A part that hangs may ignore cancellation, so it keeps running while callers stop waiting. Until it ends it is not
/// checked again, and further callers wait for the same result.
final class ReadinessProbe: Sendable {
    private let check: ReadinessCheck
    private let clock: any TimeSource
    private let state = Mutex(State())

    private struct State {
        var isRunning = false
        var lastWaiter = 0
        var waiters: [Int: Waiter] = [:]
    }

    private struct Waiter {
        let continuation: CheckedContinuation<PartReadiness, Never>
        let timer: Task<Void, any Error>

        func resume(returning readiness: PartReadiness) {
            timer.cancel()
            continuation.resume(returning: readiness)
        }
    }

    init(_ check: ReadinessCheck, clock: any TimeSource) {
        self.check = check
        self.clock = clock
    }

    var name: String { check.name }

    func ask(timeout: Duration) async -> PartReadiness {
        await withCheckedContinuation { continuation in
            if enlist(continuation, timeout: timeout) { Task { await run() } }
        }
    }

    /// Whether this caller must start the check, since none is running.
    private func enlist(_ continuation: CheckedContinuation<PartReadiness, Never>, timeout: Duration) -> Bool {
        state.withLock { state in
            state.lastWaiter += 1
            let number = state.lastWaiter
            // Started under the lock, so that even a very short time-out finds its waiter.
            let timer = Task {
                try await clock.sleep(for: timeout)
                self.timeOut(number, after: timeout)
            }
            state.waiters[number] = Waiter(continuation: continuation, timer: timer)
            defer { state.isRunning = true }
            return !state.isRunning
        }
    }

    private func timeOut(_ number: Int, after timeout: Duration) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.resume(returning: PartReadiness(ready: false, detail: "did not answer within \(timeout.text)"))
    }

    private func run() async {
        let readiness: PartReadiness
        do {
            readiness = try await check.run()
        } catch let error as SheafError {
            readiness = PartReadiness(ready: false, detail: error.message)
        } catch {
            readiness = PartReadiness(ready: false, detail: "failed: \(type(of: error))")
        }
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isRunning = false
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: readiness) }
    }
}
