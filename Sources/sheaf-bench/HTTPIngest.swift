import NIOCore
import NIOPosix
import SheafCore
import SheafEngine
import SheafHTTP
import SheafSQLite

/// Events over HTTP on 64 connections, with a running engine.
enum HTTPIngest {
    struct Figures {
        /// Accepted events a second.
        let rate: Double
        /// Microseconds for each event, including the load generator's.
        let cpu: Double
        let transactions: Double
    }

    private static let connections = 64

    /// No request asks for types.
    private struct NoTypes: TypeAdministration {
        func list() -> TypeListDocument { TypeListDocument(revision: nil, items: []) }
        func preview(_: String, _: PreviewRequest, for _: EventHead?) async throws -> TypePreviewDocument {
            throw SheafError(.notFound, "there are no types")
        }
        func reload() async throws -> AppliedTypesDocument { AppliedTypesDocument(revision: 0, isNew: false) }
    }

    static func run(requests: Int, eventsEach: Int) async throws -> Figures {
        try await Workbench(window: .seconds(1)).use { bench in
            let operations = Operations(
                store: bench.store, debouncer: bench.debouncer, catalog: bench.catalog, clock: bench.clock)
            let api = API(
                intake: bench.engine.ingest, operations: operations, metrics: { "" }, clock: bench.clock,
                types: NoTypes())
            let (ports, bound) = AsyncStream.makeStream(of: Int.self)
            let server = HTTPServer(api, port: 0, logger: Servers.logger) { bound.yield($0) }
            let serving = Task { try await server.run() }
            defer { serving.cancel() }
            guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
            let (cpu, transactions) = (Usage.cpu, StatementCount.transactions)
            let rate = try await load(port: port, requests: requests, eventsEach: eventsEach)
            let events = Double(requests * eventsEach)
            return Figures(
                rate: rate, cpu: (Usage.cpu - cpu) / events * 1e6,
                transactions: Double(StatementCount.transactions - transactions) / events)
        }
    }

    private static func load(port: Int, requests: Int, eventsEach: Int) async throws -> Double {
        let start = ContinuousClock.now
        let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in 0..<connections {
                let numbers = Array(stride(from: connection, to: requests, by: connections))
                let done = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Int.self)
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                PublishingClient(bodies: numbers.lazy.map { body($0, eventsEach) }, done: done))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port).get()
                group.addTask {
                    let accepted = try await done.futureResult.get()
                    try await channel.close()
                    return accepted
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(accepted * eventsEach) / (ContinuousClock.now - start).seconds
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

/// Posts one body after the other on its connection. It does as little as possible, since it runs on the measured
/// cores: requests are bytes, and of a response it checks only the status and the end.
private final class PublishingClient<Bodies: Sequence<String>>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var bodies: Bodies.Iterator
    private let done: EventLoopPromise<Int>
    private var accepted = 0
    private var answer = ByteBuffer()

    init(bodies: Bodies, done: EventLoopPromise<Int>) {
        self.bodies = bodies.makeIterator()
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) { post(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        answer.writeBuffer(&part)
        guard Self.isComplete(answer.readableBytesView) else { return }
        if answer.readableBytesView.starts(with: "HTTP/1.1 202".utf8) { accepted += 1 }
        answer.clear()
        post(context)
    }

    func channelInactive(context: ChannelHandlerContext) { done.succeed(accepted) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { done.fail(error) }

    /// Sheaf's response to posted events is one JSON object.
    private static func isComplete(_ answer: ByteBufferView) -> Bool { answer.suffix(2).elementsEqual("]}".utf8) }

    private func post(_ context: ChannelHandlerContext) {
        guard let body = bodies.next() else { return done.succeed(accepted) }
        var request = ByteBuffer()
        request.writeString(
            "POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: "
                + "\(body.utf8.count)\r\n\r\n")
        request.writeString(body)
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }
}
