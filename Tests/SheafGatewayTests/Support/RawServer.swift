import NIOCore
import NIOPosix

/// A server without HTTP of its own: it sends given bytes as a response, and closes the connection or not.
enum RawServer {
    enum Ending: Sendable {
        case close, hang
        /// The second request on a connection meets its closing.
        case closeLater
    }

    /// Runs `test` with the address of a server that sends `answer` after the first bytes of a connection.
    ///
    /// - Parameter onClose: called when a connection is about to be closed.
    static func run<R: Sendable>(
        answer: String, ending: Ending, onClose: @escaping @Sendable () -> Void = {},
        _ test: @Sendable (_ url: String) async throws -> R
    ) async throws -> R {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Answerer(answer: answer, ending: ending, onClose: onClose))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await test("http://127.0.0.1:\(server.localAddress?.port ?? 0)")
            try await server.close()
            return result
        } catch {
            try? await server.close()
            throw error
        }
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: String
        private let ending: Ending
        private let onClose: @Sendable () -> Void
        private var hasAnswered = false

        init(answer: String, ending: Ending, onClose: @escaping @Sendable () -> Void) {
            self.answer = answer
            self.ending = ending
            self.onClose = onClose
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered else {
                if ending == .closeLater { close(context) }
                return
            }
            // A connection is only reused if the response comes after the whole request.
            if ending == .closeLater, !String(buffer: unwrapInboundIn(data)).hasSuffix("}") { return }
            hasAnswered = true
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            if ending == .close { close(context) }
        }

        private func close(_ context: ChannelHandlerContext) {
            onClose()
            context.close(promise: nil)
        }
    }
}
