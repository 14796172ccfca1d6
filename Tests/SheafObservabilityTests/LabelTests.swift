import CoreMetrics
import SheafObservability
import Testing

@Suite struct LabelTests {
    let registry = PrometheusRegistry([])

    private func count(_ dimensions: [(String, String)], _ amount: Int = 1) {
        Counter(label: "x_total", dimensions: dimensions, factory: registry).increment(by: amount)
    }

    private var series: [String] { Exposition(registry).series("x_total") }

    @Test func `Labels in any order are the same series`() {
        count([("a", "1"), ("b", "2")])
        count([("b", "2"), ("a", "1")])
        #expect(Exposition(registry).samples[#"x_total{a="1",b="2"}"#] == "2")
    }

    @Test(arguments: [
        (#"say "hi""#, #"say \"hi\""#), (#"C:\temp\"#, #"C:\\temp\\"#), ("two\nlines", #"two\nlines"#),
        (#"\n"#, #"\\n"#), ("распродажа", "распродажа"), ("nul\0", "nul\u{FFFD}"), ("a=\"b\",c", #"a=\"b\",c"#),
    ])
    func `Values are escaped`(value: String, text: String) {
        count([("a", value)])
        #expect(series == ["x_total{a=\"\(text)\"}"])
    }

    @Test func `Names have only allowed characters, and none that Prometheus reserves`() {
        count([("http.method", "1"), ("9th", "2"), ("le", "3"), ("x-имя", "4"), ("__name__", "5"), ("quantile", "6")])
        #expect(
            series == [
                #"x_total{_9th="2",exported___name__="5",exported_le="3",exported_quantile="6",http_method="1",x____="4"}"#
            ])
    }

    @Test func `An empty value counts as a missing label`() {
        count([("a", ""), ("b", "1")])
        count([("b", "1")])
        #expect(Exposition(registry).samples[#"x_total{b="1"}"#] == "2")
        #expect(series.count == 1)
    }

    @Test func `Of two labels with one name the first counts`() {
        count([("a", "1"), ("a", "2"), ("a.b", "3"), ("a_b", "4")])
        #expect(series == [#"x_total{a="1",a_b="3"}"#])
    }

    @Test func `A long value is cut`() {
        count([("a", String(repeating: "я", count: 5000))])
        #expect(series == ["x_total{a=\"\(String(repeating: "я", count: 200))\"}"])
    }

    @Test func `Further labels than allowed share one series`() {
        let registry = PrometheusRegistry([], seriesLimit: 10)
        for number in 0..<1000 {
            for _ in 0..<2 {
                Counter(label: "x", dimensions: [("id", "\(number)"), ("kind", "k")], factory: registry).increment()
            }
        }
        // Other label names also add no further series.
        for number in 0..<1000 {
            Counter(label: "x", dimensions: [("name\(number)", "a")], factory: registry).increment()
        }
        let exposition = Exposition(registry)
        #expect(exposition.series("x_total").count == 11)
        #expect(exposition[#"x_total{id="9",kind="k"}"#] == "2")
        #expect(exposition[#"x_total{id="other",kind="other"}"#] == "\(2 * 990 + 1000)")
    }

    @Test func `A series that is really labelled other is the one beyond the limit`() {
        let registry = PrometheusRegistry([], seriesLimit: 1)
        for id in ["other", "b", "c"] {
            Counter(label: "x", dimensions: [("id", id)], factory: registry).increment()
        }
        #expect(Exposition(registry).samples[#"x_total{id="other"}"#] == "3")
    }

    @Test func `A thousand series are allowed by default`() {
        for number in 0..<1200 {
            Gauge(label: "g", dimensions: [("id", "\(number)")], factory: registry).record(1)
            Recorder(label: "h", dimensions: [("id", "\(number)")], factory: registry).record(1)
        }
        #expect(Exposition(registry).series("g").count == 1001)
        #expect(Exposition(registry).series("h_count").count == 1001)
        #expect(Exposition(registry)[#"h_count{id="other"}"#] == "200")
    }
}
