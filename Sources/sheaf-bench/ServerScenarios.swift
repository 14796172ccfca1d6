import SheafEngine

/// Measurements on PostgreSQL, Redis and Kafka, which share the cores with the load generator.
enum ServerScenarios {
    static func run(_ scenario: Bench.Scenario, scale: Double, _ report: inout Report) async throws {
        switch scenario {
        case .postgres:
            try await wholeWay(.postgres, "PostgreSQL", target: 8_000, scale: scale, &report)
        case .redis:
            try await wholeWay(.postgresRedis, "PostgreSQL + Redis", target: 8_000, scale: scale, &report)
            let windows = try await WholeWay.run(on: .postgresRedis, events: Int(40_000 * scale), perWindow: 1)
            report.add("windows of one event closed", windows.rate, "windows/s", target: .atLeast(2_000))
            let latency = try await LatencyScenario.run(
                on: .postgresRedis, windows: Int(2_000 * scale), perSecond: 200)
            report.add("PostgreSQL + Redis: due to gateway, median", latency.median, "ms")
            report.add("PostgreSQL + Redis: due to gateway, p99", latency.p99, "ms", target: .atMost(50))
            let open = try await OpenWindowsScenario.run(windows: Int(1_000_000 * scale))
            report.add("Redis: windows added, the first 50,000", open.firstAdds, "windows/s")
            report.add("Redis: windows added, the last of 1,000,000", open.lastAdds, "windows/s")
            report.add("Redis: windows claimed of 1,000,000", open.firstClaims, "windows/s")
            report.add("Redis: windows claimed, the last 50,000", open.lastClaims, "windows/s")
        case .kafka:
            try await wholeWay(
                .postgresRedisKafka, "PostgreSQL + Redis + Kafka", target: 5_000, scale: scale, &report)
            let relay = try await RelayScenario.run(messages: Int(200_000 * scale))
            report.add("relay, outbox to Kafka", relay, "messages/s", target: .atLeast(20_000))
            let databus = try await DatabusScenario.run(events: Int(200_000 * scale))
            report.add("ingest, Kafka to PostgreSQL", databus, "events/s", target: .atLeast(25_000))
        case .idle:
            for backend in [Backend.postgresRedis, .postgresRedisKafka] {
                let cpu = try await idleCPU(backend)
                report.add("\(backend.rawValue): CPU, idle", cpu, "% of a core", target: .atMost(1))
            }
        default: break
        }
    }

    private static func wholeWay(
        _ backend: Backend, _ name: String, target: Double, scale: Double, _ report: inout Report
    ) async throws {
        let bare = try await BarePostgres.run(events: Int(100_000 * scale), relayed: backend != .postgres)
        report.add("PostgreSQL: bare loop of the same rows", bare, "events/s")
        let whole = try await WholeWay.run(on: backend, events: Int(100_000 * scale))
        report.add("\(name): whole way", whole.rate, "events/s", target: .atLeast(target))
        report.add("whole way / bare loop", whole.rate / bare, "ratio")
        report.add("CPU without the servers'", whole.cpu, "µs/event")
        report.add("statements", whole.statements, "per event")
        report.add("round trips to PostgreSQL", whole.roundTrips, "per event", target: .atMost(0.1))
        if backend != .postgres {
            report.add("round trips to Redis", whole.redisRoundTrips, "per event", target: .atMost(0.05))
        }
    }

    /// The CPU use of a worker without work, in per cent of a core.
    private static func idleCPU(_ backend: Backend) async throws -> Double {
        try await Workbench(on: backend, window: .seconds(60)).use { _ in
            // Wait until the consumers have joined their groups.
            try await Task.sleep(for: .seconds(8))
            let cpu = Usage.cpu
            try await Task.sleep(for: .seconds(10))
            return (Usage.cpu - cpu) / 10 * 100
        }
    }
}
