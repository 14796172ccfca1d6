import Foundation
import SheafCore
import SheafTesting
import Testing

@testable import SheafRedis

@Suite("Many open windows on Redis", .enabled(if: !RedisServer.isSkipped), .serialized, .timeLimit(.minutes(20)))
struct ManyWindowsTests {
    /// How many windows are opened; when run by hand a million, and figures are printed.
    private static let count =
        ProcessInfo.processInfo.environment["SHEAF_TEST_WINDOWS"].flatMap(Int.init) ?? 50_000

    @Test("Adding and claiming keep their speed") func speed() async throws {
        try await Slots.shared.run(weight: Slots.all) { try await Self.speed() }
    }

    private static func speed() async throws {
        try await OwnRedisServer.with { own in
            let client = RedisClient(own.server.options())
            let run = Run(client: client, debouncer: RedisDebouncer(client), samples: Samples())
            let few = try await run.best(first: 1_000_000_000)
            let before = try await run.memory()
            try await run.open(count, first: 0, for: .seconds(3600))
            let after = try await run.memory()
            #expect(try await run.debouncer.openWindows(after: nil, limit: 1).total == count)
            let many = try await run.best(first: 2_000_000_000)
            let perWindow = (after - before) / count
            if count > 50_000 {
                Issue.record("few \(few), many \(many), \(perWindow) bytes a window", severity: .warning)
            }
            // Half the speed would still not indicate a scan over all windows; a busy machine may cause that.
            #expect(many.adds > few.adds / 3 && many.claims > few.claims / 3)
            #expect(perWindow < 1200)
            await client.close()
        }
    }

    /// Per second, as the client sees it, and the server's cost of one.
    private struct Speed: CustomStringConvertible {
        let adds: Int
        let claims: Int
        let serverAdd: Duration
        let serverClaim: Duration

        var description: String {
            "\(adds) adds/s (\(serverAdd) of the server each), \(claims) claims/s (\(serverClaim) each)"
        }
    }

    private struct Run {
        let client: RedisClient
        let debouncer: RedisDebouncer
        let samples: Samples

        /// Opens windows of one event each, in batches of 500.
        func open(_ count: Int, first: Int, for length: Duration) async throws {
            let policy = WindowPolicy(length: length)
            for start in stride(from: 0, to: count, by: 500) {
                let entries = (start..<min(start + 500, count)).map { index in
                    DebounceEntry(
                        event: samples.eventID(), key: Samples.key(recipient: Int64(first + index)), policy: policy)
                }
                _ = try await debouncer.add(entries)
            }
        }

        /// The best of three, since other tests share the processor.
        func best(first: Int) async throws -> Speed {
            var speeds: [Speed] = []
            for round in 0..<3 { speeds.append(try await measure(first: first + round * 1_000_000)) }
            return Speed(
                adds: speeds.map(\.adds).max() ?? 0, claims: speeds.map(\.claims).max() ?? 0,
                serverAdd: speeds.map(\.serverAdd).min() ?? .zero,
                serverClaim: speeds.map(\.serverClaim).min() ?? .zero)
        }

        /// Events added, and windows claimed and acknowledged, per second.
        func measure(first: Int) async throws -> Speed {
            let windows = 5_000
            let clock = ContinuousClock()
            let start = try await serverTime()
            let adding = try await clock.measure { try await open(windows, first: first, for: .zero) }
            let between = try await serverTime()
            var claimed = 0
            let claiming = try await clock.measure {
                while true {
                    let claims = try await debouncer.claim(windows: 500, events: 5000, lease: .seconds(60)).claims
                    guard !claims.isEmpty else { break }
                    claimed += claims.count
                    try await debouncer.acknowledge(claims)
                }
            }
            #expect(claimed == windows)
            return Speed(
                adds: Int(Double(windows) / adding.seconds), claims: Int(Double(claimed) / claiming.seconds),
                serverAdd: (between - start) / windows, serverClaim: (try await serverTime() - between) / windows)
        }

        /// How long the server has run scripts.
        private func serverTime() async throws -> Duration {
            let text = try await client.execute(AnyCommand("INFO", "commandstats")).text()
            let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_evalsha:") }
            let value = line?.split(separator: ",").first { $0.hasPrefix("usec=") }?.dropFirst(5)
            return .microseconds(value.flatMap { Int64($0) } ?? 0)
        }

        func memory() async throws -> Int {
            let text = try await client.execute(AnyCommand("INFO", "memory")).text()
            let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
            return try #require(line.flatMap { Int($0.dropFirst(12)) })
        }
    }
}
