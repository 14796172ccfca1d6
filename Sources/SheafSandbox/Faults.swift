import HTTPTypes
import Hummingbird
import Synchronization

/// Delays answers and lets requests fail, as ``SandboxOptions`` tell.
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

/// Draws what becomes of requests.
final class Chance: Sendable {
    enum Fate: Hashable {
        case served
        /// Answered with a failure, and not carried out.
        case refused
        /// Carried out, and answered with a failure.
        case lost
    }

    private let failureRate: Double
    private let latency: Duration
    private let generator: Mutex<SplitMix64>

    init(_ options: SandboxOptions) {
        failureRate = options.failureRate
        latency = options.latency
        generator = Mutex(SplitMix64(state: options.seed))
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

/// Sebastiano Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c): small, and the same on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
