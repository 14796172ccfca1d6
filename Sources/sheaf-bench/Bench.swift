import Foundation
import SheafCore

/// `sheaf-bench [SCENARIO...]`: measures the hot path, prints a table and writes it as JSON.
@main
struct Bench {
    /// The scenarios that can be measured separately.
    enum Scenario: String, CaseIterable {
        case wholeWay = "whole-way"
        case randomIDs = "random-ids"
        /// A type that is declared in a file, beside a built-in one.
        case declared
        case latency, http, memory
        /// With servers, which scripts/with-servers.py starts.
        case postgres, redis, kafka, idle
        /// Takes minutes, so it runs only by name.
        case history
        case postgresHistory = "postgres-history"

        var needsServers: Bool { [.postgres, .redis, .kafka, .idle, .postgresHistory].contains(self) }
        var isLong: Bool { [.history, .postgresHistory].contains(self) }
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        // Memory is measured in separate processes, so that one measurement does not affect the next.
        if arguments.first == MemoryScenario.childArgument { return try await MemoryScenario.child() }
        let scenarios = arguments.compactMap(Scenario.init(rawValue:))
        guard scenarios.count == arguments.count else {
            let names = Scenario.allCases.map(\.rawValue).joined(separator: ", ")
            FileHandle.standardError.write(Data("sheaf-bench: expected scenarios among \(names)\n".utf8))
            exit(64)
        }
        let scale = ProcessInfo.processInfo.environment["SHEAF_BENCH_SCALE"].flatMap(Double.init) ?? 1
        var report = Report()
        let all = Scenario.allCases.filter { !$0.isLong && (Servers.areThere || !$0.needsServers) }
        for scenario in scenarios.isEmpty ? all : scenarios {
            try await run(scenario, scale: scale, &report)
        }
        try report.write(to: ".build/bench.json")
    }

    private static func run(_ scenario: Scenario, scale: Double, _ report: inout Report) async throws {
        switch scenario {
        case .wholeWay:
            let bare = try await BareSQLite.run(events: Int(200_000 * scale))
            report.add("SQLite: bare loop of the same rows", bare, "events/s")
            let whole = try await WholeWay.run(events: Int(400_000 * scale))
            report.add("SQLite: whole way", whole.rate, "events/s", target: .atLeast(20_000))
            report.add("whole way / bare loop", whole.rate / bare, "ratio")
            report.add("CPU", whole.cpu, "µs/event", target: .atMost(50))
            report.add("statements", whole.statements, "per event")
            report.add("transactions", whole.transactions, "per event")
        case .randomIDs:
            let whole = try await WholeWay.run(events: Int(400_000 * scale), hasRandomIDs: true)
            report.add("SQLite: whole way, random ids", whole.rate, "events/s")
            report.add("CPU, random ids", whole.cpu, "µs/event")
        case .declared:
            // Alternating, since the machine's speed varies.
            var ratios: [Double] = []
            for _ in 0..<3 {
                let builtIn = try await WholeWay.run(events: Int(200_000 * scale))
                let declared = try await WholeWay.run(events: Int(200_000 * scale), type: DeclaredType.name)
                ratios.append(declared.rate / builtIn.rate)
            }
            report.add("declared type / built-in type", ratios.sorted()[1], "ratio", target: .atLeast(0.85))
        case .latency:
            let latency = try await LatencyScenario.run(windows: Int(2_000 * scale), perSecond: 200)
            report.add("SQLite: due to gateway, median", latency.median, "ms")
            report.add("SQLite: due to gateway, p99", latency.p99, "ms", target: .atMost(20))
        case .http:
            let single = try await HTTPIngest.run(requests: Int(60_000 * scale), eventsEach: 1)
            report.add("HTTP, single events, 64 connections", single.rate, "events/s", target: .atLeast(8_000))
            report.add("CPU with the load's", single.cpu, "µs/event")
            report.add("transactions", single.transactions, "per event")
            let arrays = try await HTTPIngest.run(requests: Int(3_000 * scale), eventsEach: 100)
            report.add("HTTP, arrays of 100, 64 connections", arrays.rate, "events/s", target: .atLeast(40_000))
            report.add("CPU with the load's", arrays.cpu, "µs/event")
        case .memory:
            let memory = try MemoryScenario.run(events: Int(1_000_000 * scale))
            report.add("SQLite: resident, idle", memory.idle, "MiB", target: .atMost(100))
            report.add(
                "SQLite: resident, 1,000,000 events in 100,000 windows", memory.full, "MiB", target: .atMost(250))
            report.add("SQLite: CPU, idle", memory.idleCPU, "% of a core", target: .atMost(1))
        case .history, .postgresHistory:
            let (backend, events) = (scenario == .history ? Backend.sqlite : .postgres, Int(10_000_000 * scale))
            for hasRandomIDs in [false, true] {
                let ratio = try await HistoryScenario.run(on: backend, events: events, hasRandomIDs: hasRandomIDs)
                report.add(
                    "\(backend.rawValue): with 10,000,000 events stored / empty, \(hasRandomIDs ? "random" : "growing") ids",
                    ratio, "ratio", target: .atLeast(hasRandomIDs ? 0.6 : 0.85))
            }
        case .postgres, .redis, .kafka, .idle: try await ServerScenarios.run(scenario, scale: scale, &report)
        }
    }
}
