import SheafCore
import SheafRedis

/// Adds windows to Redis and claims them while many are open.
enum OpenWindowsScenario {
    /// Windows a second.
    struct Figures {
        let firstAdds: Double
        let lastAdds: Double
        /// While all windows are open, and near the end.
        let firstClaims: Double
        let lastClaims: Double
    }

    private static let batch = 500
    private static let sample = 50_000

    static func run(windows: Int) async throws -> Figures {
        let client = RedisClient(try Servers.redis(prefix: "bench_\(UInt32.random(in: 0 ... .max)):"))
        let debouncer = RedisDebouncer(client)
        let sample = min(sample, windows / 2)
        let firstAdds = try await add(0..<sample, to: debouncer)
        _ = try await add(sample..<windows - sample, to: debouncer)
        let lastAdds = try await add(windows - sample..<windows, to: debouncer)
        let firstClaims = try await claim(sample, from: debouncer)
        _ = try await claim(windows - 2 * sample, from: debouncer)
        let lastClaims = try await claim(sample, from: debouncer)
        await client.close()
        return Figures(
            firstAdds: firstAdds, lastAdds: lastAdds, firstClaims: firstClaims, lastClaims: lastClaims)
    }

    private static func add(_ numbers: Range<Int>, to debouncer: RedisDebouncer) async throws -> Double {
        let start = ContinuousClock.now
        for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: batch) {
            _ = try await debouncer.add(
                (first..<min(first + batch, numbers.upperBound)).map { number in
                    DebounceEntry(
                        event: IdentifierGenerator.shared.next(at: Timestamp(microseconds: 0)), bytes: 60,
                        key: WindowKey(type: 1, recipient: Int64(number), part: "1"),
                        // Due at once when claimed, but not while adding.
                        policy: WindowPolicy(length: .milliseconds(1)))
                })
        }
        return Double(numbers.count) / (ContinuousClock.now - start).seconds
    }

    private static func claim(_ count: Int, from debouncer: RedisDebouncer) async throws -> Double {
        let start = ContinuousClock.now
        var left = count
        while left > 0 {
            let claims = try await debouncer.claim(windows: min(batch, left), events: 10_000, lease: .seconds(600))
                .claims
            guard !claims.isEmpty else { break }
            try await debouncer.acknowledge(claims)
            left -= claims.count
        }
        return Double(count - left) / (ContinuousClock.now - start).seconds
    }
}
