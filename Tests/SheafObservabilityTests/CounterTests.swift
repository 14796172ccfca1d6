import CoreMetrics
import SheafCore
import SheafObservability
import Testing

@Suite struct CounterTests {
    let registry = PrometheusRegistry([.counter("events_total", labels: ["kind"], help: "Events.")])

    @Test func `Increments of many threads add up exactly`() async {
        await onThreads(8) { thread in
            // Each creates its own counter: the same name and labels are one counter.
            let counter = Counter(label: "events_total", dimensions: [("kind", "a")], factory: registry)
            let fractions = FloatingPointCounter(label: "fractions", factory: registry)
            for _ in 0..<50_000 {
                counter.increment(by: thread % 2 == 0 ? 1 : 3)
                fractions.increment(by: 0.25)
            }
        }
        let exposition = Exposition(registry)
        #expect(exposition[#"events_total{kind="a"}"#] == "800000")
        #expect(exposition["fractions_total"] == "100000")
    }

    @Test func `Increments of many tasks add up exactly`() async {
        await withTaskGroup { group in
            for _ in 0..<1000 {
                group.addTask {
                    let counter = Counter(label: "events_total", dimensions: [("kind", "a")], factory: registry)
                    for _ in 0..<10 { counter.increment() }
                }
            }
        }
        #expect(Exposition(registry)[#"events_total{kind="a"}"#] == "10000")
    }

    @Test func `Whole and fractional increments meet in one series`() {
        Counter(label: "events_total", factory: registry).increment(by: 2)
        FloatingPointCounter(label: "events_total", factory: registry).increment(by: 0.5)
        #expect(Exposition(registry)["events_total"] == "2.5")
    }

    @Test func `A counter neither falls nor becomes infinite`() {
        Counter(label: "events_total", factory: registry).increment(by: 7)
        Counter(label: "events_total", factory: registry).increment(by: -3)
        let fractions = FloatingPointCounter(label: "events_total", factory: registry)
        for amount in [-1, .infinity, -.infinity, .nan] as [Double] { fractions.increment(by: amount) }
        #expect(Exposition(registry)["events_total"] == "7")
    }

    @Test func `A count beyond 53 bits stays exact`() {
        let counter = Counter(label: "events_total", factory: registry)
        counter.increment(by: Int64.max)
        counter.increment(by: 1)
        #expect(Exposition(registry)["events_total"] == "9223372036854775808")
    }

    @Test func `Reset starts at zero again`() {
        let counter = Counter(label: "events_total", factory: registry)
        counter.increment(by: 5)
        counter.reset()
        counter.increment()
        #expect(Exposition(registry)["events_total"] == "1")
    }

    @Test func `A destroyed counter keeps its count for other holders`() {
        let first = Counter(label: "events_total", factory: registry)
        let second = Counter(label: "events_total", factory: registry)
        first.increment()
        first.destroy()
        second.increment()
        #expect(Exposition(registry)["events_total"] == "2")
    }
}
