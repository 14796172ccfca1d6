import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import SheafCore
import SheafEngine
import SheafHTTP

/// Events over HTTP on 64 connections, with the engine at work behind.
enum HTTPIngest {
    private static let connections = 64

    /// - Returns: events a second that were answered as accepted.
    static func run(requests: Int, eventsEach: Int) async throws -> Double {
        try await Workbench(window: .seconds(1)).use { bench in
            let operations = Operations(
                store: bench.store, debouncer: bench.debouncer, catalog: bench.catalog, clock: bench.clock)
            let api = API(
                intake: bench.engine.ingest, operations: operations, metrics: { "" }, clock: bench.clock)
            var logger = Logger(label: "sheaf.bench.http")
            logger.logLevel = .error
            let (ports, bound) = AsyncStream.makeStream(of: Int.self)
            let server = HTTPServer(api, port: 0, logger: logger) { bound.yield($0) }
            let serving = Task { try await server.run() }
            defer { serving.cancel() }
            guard let port = await ports.first(where: { _ in true }) else { return 0 }
            return try await load("http://127.0.0.1:\(port)/v1/events", requests: requests, eventsEach: eventsEach)
        }
    }

    private static func load(_ url: String, requests: Int, eventsEach: Int) async throws -> Double {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let start = ContinuousClock.now
        let failed = await withTaskGroup(of: Int.self) { group in
            for connection in 0..<connections {
                group.addTask {
                    var failed = 0
                    for number in stride(from: connection, to: requests, by: connections) {
                        let isTaken = try? await post(client, url, body(number, eventsEach))
                        if isTaken != true { failed += 1 }
                    }
                    return failed
                }
            }
            return await group.reduce(0, +)
        }
        let elapsed = (ContinuousClock.now - start).seconds
        try await client.shutdown()
        return Double((requests - failed) * eventsEach) / elapsed
    }

    private static func post(_ client: HTTPClient, _ url: String, _ body: String) async throws -> Bool {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await client.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.status == .accepted
    }

    private static func body(_ number: Int, _ count: Int) -> String {
        let events = (number * count..<(number + 1) * count).map { number in
            let event = Workbench.event(number)
            return #"{"id":"\#(event.producerID ?? "")","type":"sale_item_changed","recipient_id":\#(event.recipient),"#
                + #""occurred_at":"2026-11-23T09:00:00Z","data":\#(event.data)}"#
        }
        return count == 1 ? events[0] : "[" + events.joined(separator: ",") + "]"
    }
}
