import NIOCore
import NIOPosix

/// A connection on which a test can write anything.
struct RawConnection: ~Copyable {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    /// Runs `body` with a connection to `port`, and closes it.
    static func open<Result: Sendable>(
        port: Int, _ body: @Sendable (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    func write(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// The next bytes; empty if the other side has closed.
    mutating func read() async throws -> String {
        try await inbound.next().map { String(buffer: $0) } ?? ""
    }

    /// Reads until `end` arrives, or until the other side has closed.
    mutating func read(until end: String) async throws -> String {
        var text = ""
        while !text.contains(end) {
            let part = try await read()
            guard !part.isEmpty else { break }
            text += part
        }
        return text
    }

    /// Reads until `end` arrives, while writing `part` repeatedly, with `step` after each.
    mutating func read(
        until end: String, writing part: String, step: @escaping @Sendable () -> Void
    ) async throws -> String {
        let writer = Task { [outbound] in
            while !Task.isCancelled {
                try await outbound.write(ByteBuffer(string: part))
                step()
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        defer { writer.cancel() }
        return try await read(until: end)
    }
}
