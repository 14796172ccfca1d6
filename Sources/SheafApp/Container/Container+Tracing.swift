import Foundation
internal import SheafTracing

/// The parts that trace events and send the spans to the collector.
struct TracingParts: Sendable {
    let tracer: SpanTracer
    let exporter: SpanExporter
}

extension Container {
    /// `nil` if nothing is traced.
    var tracing: TracingParts? {
        get async throws {
            // The remaining spans are sent after everything that creates spans has ended.
            try await part(close: { await $0?.exporter.finish() }) {
                guard let url = settings.tracing.url else { return nil }
                let queue = SpanQueue()
                let resource = [
                    "service.instance.id": UUID().uuidString.lowercased(),
                    "host.name": ProcessInfo.processInfo.hostName,
                    "process.pid": String(ProcessInfo.processInfo.processIdentifier),
                ]
                return try await TracingParts(
                    tracer: SpanTracer(queue: queue, sampleRatio: settings.tracing.sampleRatio),
                    exporter: SpanExporter(
                        url: url, resource: resource, queue: queue, client: httpClient, clock: time,
                        logger: logger))
            }
        }
    }
}
