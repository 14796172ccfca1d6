import CoreMetrics
import SheafCore
import SheafObservability
import Testing

@Suite struct RegistryTests {
    let registry = PrometheusRegistry()

    @Test func `The metrics that operators rely on are there, and each metric has a name of its own and a sentence`() {
        let described = Set(Metric.all.map { "\($0.name) \($0.kind) \($0.labels)" })
        for metric in ContractMetric.all {
            #expect(described.contains("\(metric.name) \(metric.type) \(metric.labels)"))
        }
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        #expect(Metric.all.allSatisfy { $0.help.count > 10 && $0.help.hasSuffix(".") })
    }

    @Test func `Metrics are shown before their first use, with zero if they have no labels`() {
        let exposition = Exposition(registry)
        for metric in ContractMetric.all where metric.name.hasPrefix("sheaf_") {
            #expect(exposition.type(metric.name) == metric.type)
            guard metric.labels.isEmpty else { continue }
            #expect(exposition[metric.type == "histogram" ? metric.name + "_count" : metric.name] == "0")
        }
        #expect(exposition.type("redis_pool_wait_seconds") == nil)
    }

    @Test func `A metric in use has one HELP line, then one TYPE line, then its samples`() throws {
        for metric in Metric.all { metric.use(registry, labelled: "a") }
        let lines = Exposition(registry).lines
        for metric in Metric.all {
            let about = lines.indices.filter { lines[$0].hasPrefix("# HELP \(metric.name) ") }
            let index = try #require(about.first)
            #expect(about.count == 1)
            #expect(lines[index + 1] == "# TYPE \(metric.name) \(metric.kind)")
            #expect(lines[index + 2].hasPrefix(metric.name))
        }
    }

    @Test func `A window's size and lateness have buckets of their own`() {
        let lines = Exposition(registry).lines
        func bounds(_ name: String) -> [Double] {
            lines.filter { $0.hasPrefix(name + "_bucket") }.compactMap {
                Double($0.split(separator: "\"")[1])
            }
        }
        #expect(bounds("sheaf_window_events").dropLast().last == 10_000)
        #expect(bounds("sheaf_window_events").starts(with: [1, 2, 5, 10]))
        #expect(bounds("sheaf_window_lateness_seconds").first == 0.001)
        #expect(bounds("sheaf_window_lateness_seconds").dropLast().last == 60)
        // The documented limit of lateness is one of its bounds.
        #expect(bounds("sheaf_window_lateness_seconds").contains(0.02))
    }

    @Test func `A counter's name ends in total, and names have only allowed characters`() {
        Counter(label: "hb.requests", factory: registry).increment()
        Counter(label: "9 lives_total", factory: registry).increment()
        Gauge(label: "ns:level-now", factory: registry).record(2)
        let exposition = Exposition(registry)
        #expect(exposition["hb_requests_total"] == "1")
        #expect(exposition["_9_lives_total"] == "1")
        #expect(exposition["ns:level_now"] == "2")
    }

    @Test func `Creating a metric as another type does not change it`() {
        Counter(label: "sheaf_windows_open", factory: registry).increment(by: 5)
        Gauge(label: "sheaf_messages_total", factory: registry).record(5)
        Timer(label: "sheaf_messages_total", factory: registry).recordSeconds(5)
        Meter(label: "sheaf_window_events", factory: registry).set(5)
        let exposition = Exposition(registry)
        #expect(exposition["sheaf_windows_open"] == "0")
        #expect(exposition.series("sheaf_messages_total").isEmpty)
        #expect(exposition["sheaf_window_events_count"] == "0")
    }

    @Test func `The task's metrics factory reaches it as any other backend`() {
        withMetricsFactory(registry) {
            Counter(label: "sheaf_messages_total", dimensions: [("topic", "t"), ("outcome", "ok")]).increment()
        }
        #expect(Exposition(registry)[#"sheaf_messages_total{outcome="ok",topic="t"}"#] == "1")
    }

    @Test func `A HELP text stays on its line`() {
        let registry = PrometheusRegistry([.gauge("g", help: "one\\two\nthree \"four\"")])
        #expect(Exposition(registry).lines.contains(#"# HELP g one\\two\nthree "four""#))
    }
}
