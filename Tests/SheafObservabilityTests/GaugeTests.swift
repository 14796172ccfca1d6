import CoreMetrics
import SheafCore
import SheafObservability
import Testing

@Suite struct GaugeTests {
    let registry = PrometheusRegistry([.gauge("level", help: "Level.")])

    @Test func `A gauge shows what it was set to last`() {
        let gauge = Gauge(label: "level", factory: registry)
        gauge.record(3)
        gauge.record(-1.5)
        #expect(Exposition(registry)["level"] == "-1.5")
    }

    @Test func `A meter moves up and down with many threads`() async {
        await onThreads(8) { _ in
            let meter = Meter(label: "level", factory: registry)
            for _ in 0..<20_000 {
                meter.increment(by: 2.0)
                meter.decrement()
            }
        }
        #expect(Exposition(registry)["level"] == "160000")
    }

    @Test func `A gauge and a meter of one name are the same`() {
        Meter(label: "level", factory: registry).set(10)
        Gauge(label: "level", factory: registry).record(4)
        Meter(label: "level", factory: registry).increment()
        #expect(Exposition(registry)["level"] == "5")
    }

    @Test(arguments: [
        (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e300, "1e+300"), (0.1, "0.1"),
        (-0.0, "0"), (9_007_199_254_740_991, "9007199254740991"),
    ])
    func `Numbers are written as Prometheus reads them`(value: Double, text: String) {
        Meter(label: "level", factory: registry).set(value)
        #expect(Exposition(registry)["level"] == text)
    }

    @Test func `A timer of a metric described as a gauge sets the gauge in seconds`() {
        Timer(label: "level", factory: registry).recordMilliseconds(250)
        Recorder(label: "unused", factory: registry).record(1)
        #expect(Exposition(registry)["level"] == "0.25")
        #expect(Exposition(registry).type("level") == "gauge")
    }
}
