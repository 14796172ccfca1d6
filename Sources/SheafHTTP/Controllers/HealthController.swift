import Hummingbird
import NIOCore

/// The endpoints for orchestrators and Prometheus.
struct HealthController: Sendable {
    private let readiness: Readiness
    private let draining: Draining
    private let exposition: @Sendable () async -> String

    init(readiness: Readiness, draining: Draining, metrics: @escaping @Sendable () async -> String) {
        self.readiness = readiness
        self.draining = draining
        exposition = metrics
    }

    @Sendable
    func live(_: Request, _: APIContext) async throws -> Response {
        try .document(["status": "ok"])
    }

    @Sendable
    func ready(_: Request, _: APIContext) async throws -> Response {
        var document = await readiness.check()
        if draining.hasBegun { document.add("server", PartReadiness(ready: false, detail: "shuts down")) }
        return try .document(document, status: document.ready ? .ok : .serviceUnavailable)
    }

    @Sendable
    func metrics(_: Request, _: APIContext) async throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: await exposition())))
    }
}
