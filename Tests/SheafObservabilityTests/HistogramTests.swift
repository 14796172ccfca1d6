import CoreMetrics
import SheafCore
import SheafObservability
import Testing

@Suite struct HistogramTests {
    let registry = PrometheusRegistry([
        .histogram("size", buckets: [10, 1, 5, 5, .infinity], help: "Size."),
        .histogram("duration_seconds", buckets: [0.001, 0.01, 1], help: "Duration."),
    ])

    private func buckets(_ name: String, _ bounds: String...) -> [String?] {
        let exposition = Exposition(registry)
        return bounds.map { exposition["\(name)_bucket{le=\"\($0)\"}"] }
    }

    @Test func `Buckets are cumulative and hold their bound`() {
        let recorder = Recorder(label: "size", factory: registry)
        for value in [0, 1, 2, 5, 6, 10, 11, 1000] { recorder.record(value) }
        #expect(buckets("size", "1", "5", "10", "+Inf") == ["2", "4", "6", "8"])
        #expect(Exposition(registry)["size_sum"] == "1035")
        #expect(Exposition(registry)["size_count"] == "8")
    }

    @Test func `Bounds are sorted, each once, and only the last is infinite`() {
        let lines = Exposition(registry).lines.filter { $0.hasPrefix("size_bucket") }
        #expect(lines == ["1", "5", "10", "+Inf"].map { "size_bucket{le=\"\($0)\"} 0" })
    }

    @Test func `A timer counts seconds`() {
        let timer = Timer(label: "duration_seconds", factory: registry)
        timer.recordNanoseconds(1_000_000)
        timer.recordNanoseconds(1_000_001)
        timer.recordMilliseconds(500)
        timer.recordSeconds(4)
        timer.recordNanoseconds(-5)
        #expect(buckets("duration_seconds", "0.001", "0.01", "1", "+Inf") == ["2", "3", "4", "5"])
        #expect(Exposition(registry)["duration_seconds_sum"].flatMap(Double.init) == 4.502000001)
    }

    @Test func `Values that are not finite are ignored`() {
        let recorder = Recorder(label: "size", factory: registry)
        for value in [.nan, .infinity, -.infinity, 2] as [Double] { recorder.record(value) }
        #expect(Exposition(registry)["size_sum"] == "2")
        #expect(Exposition(registry)["size_count"] == "1")
    }

    @Test func `Values of many threads are all counted, and a scrape between them sees whole states`() async {
        await onThreads(9) { thread in
            guard thread < 8 else {
                for _ in 0..<100 {
                    let exposition = Exposition(registry)
                    #expect(exposition["size_bucket{le=\"+Inf\"}"] == exposition["size_count"])
                }
                return
            }
            let recorder = Recorder(label: "size", factory: registry)
            for value in 0..<4000 { recorder.record(value % 2 == 0 ? 3 : 50) }
        }
        #expect(buckets("size", "1", "5", "10", "+Inf") == ["0", "16000", "16000", "32000"])
        #expect(Exposition(registry)["size_sum"] == "848000")
    }

    @Test func `Labels stand before the bound`() {
        Recorder(label: "size", dimensions: [("z", "1"), ("a", "2")], factory: registry).record(3)
        #expect(Exposition(registry)[#"size_bucket{a="2",z="1",le="5"}"#] == "1")
        #expect(Exposition(registry)[#"size_sum{a="2",z="1"}"#] == "3")
    }

    @Test func `A histogram without a description has buckets after its unit`() {
        Timer(label: "other_seconds", factory: registry).recordNanoseconds(150_000)
        Recorder(label: "others", factory: registry).record(7)
        #expect(buckets("other_seconds", "0.0001", "0.00025") == ["0", "1"])
        #expect(buckets("others", "5", "10", "10000") == ["0", "1", "1"])
    }
}
