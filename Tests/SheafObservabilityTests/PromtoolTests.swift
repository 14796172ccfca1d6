import CoreMetrics
import Foundation
import SheafCore
import SheafObservability
import Testing

/// `promtool` comes with Debian's package `prometheus`.
@Suite struct PromtoolTests {
    @Test func `Promtool accepts the metrics before their first use`() throws {
        #expect(try promtool(PrometheusRegistry().exposition()) == Verdict(status: 0, output: ""))
    }

    @Test func `Promtool accepts every described metric with unusual labels`() throws {
        let registry = PrometheusRegistry(seriesLimit: 5)
        let values = [
            "ok", #"say "hi""#, #"C:\temp\"#, "two\nlines", "распродажа", "nul\0", "{a=\"b\"} 1", "", " ", "🛒",
        ]
        for metric in Metric.all {
            for value in values { metric.use(registry, labelled: value) }
        }
        Timer(label: "sheaf_operation_duration_seconds", factory: registry).recordMilliseconds(3)
        FloatingPointCounter(label: "hb.requests", factory: registry).increment(by: 0.5)
        Meter(label: "load", factory: registry).set(Double.infinity)
        #expect(try promtool(registry.exposition()) == Verdict(status: 0, output: ""))
    }

    @Test func `Promtool refuses invalid metrics`() throws {
        let verdict = try promtool("# TYPE a counter\na 1\n")
        #expect(verdict.status != 0)
        #expect(verdict.output.contains("_total"))
    }

    private struct Verdict: Equatable {
        let status: Int32
        let output: String
    }

    private func promtool(_ exposition: String) throws -> Verdict {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "metrics.txt")
        try Data(exposition.utf8).write(to: input)

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["promtool", "check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Verdict(status: process.terminationStatus, output: String(decoding: text, as: UTF8.self))
    }
}
