import Foundation
internal import SheafTracing

/// What records the way of events, and sends it to the collector.
struct TracingParts: Sendable {
    let tracer: SpanTracer
    let exporter: SpanExporter
}

extension Container {
    /// `nil` where nothing is to be traced.
    var tracing: TracingParts? {
        get throws {
            // What is left is sent once all that makes spans has ended.
            try part(close: { await $0?.exporter.finish() }) {
                guard let url = settings.tracing.url else { return nil }
                let queue = SpanQueue()
                let resource = [
                    "service.instance.id": UUID().uuidString.lowercased(),
                    "host.name": ProcessInfo.processInfo.hostName,
                    "process.pid": String(ProcessInfo.processInfo.processIdentifier),
                ]
                return TracingParts(
                    tracer: SpanTracer(queue: queue, sampleRatio: settings.tracing.sampleRatio),
                    exporter: SpanExporter(
                        url: url, resource: resource, queue: queue, client: try httpClient, clock: time,
                        logger: logger))
            }
        }
    }
}
