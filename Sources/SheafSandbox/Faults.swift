import HTTPTypes
import Hummingbird
import SheafCore
import Synchronization

/// Delays responses and makes requests fail, according to ``SandboxOptions``.
struct Faults: RouterMiddleware {
    private let chance: Chance

    init(_ options: SandboxOptions) { chance = Chance(options) }

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let (fate, delay) = chance.draw()
        if delay > .zero { try await Task.sleep(for: delay) }
        switch fate {
        case .served: return try await next(request, context)
        case .refused: throw SandboxRefusal(.serviceUnavailable, code: "unavailable", "a failure for trial")
        case .lost:
            _ = try await next(request, context)
            throw SandboxRefusal(.serviceUnavailable, code: "unavailable", "a lost answer for trial")
        }
    }
}

/// Draws the outcomes of requests.
final class Chance: Sendable {
    enum Fate: Hashable {
        case served
        /// Answered with a failure, and not executed.
        case refused
        /// Executed, but answered with a failure.
        case lost
    }

    private let failureRate: Double
    private let latency: Duration
    private let generator: Mutex<SplitMix64>

    init(_ options: SandboxOptions) {
        failureRate = options.failureRate
        latency = options.latency
        generator = Mutex(SplitMix64(seed: options.seed))
    }

    func draw() -> (Fate, Duration) {
        generator.withLock { generator in
            let fails = Double.random(in: 0..<1, using: &generator) < failureRate
            let isLost = Bool.random(using: &generator)
            let share = Double.random(in: 0.5...1, using: &generator)
            return (fails ? (isLost ? .lost : .refused) : .served, latency * share)
        }
    }
}
