import NIOCore
import NIOHTTPTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Closes the connection of a client that does not read its answers.
///
/// Writing waits while more is unsent than may be kept. From then on some of it has to go out within the time-out, again
/// and again, until writing goes on; a connection on which nothing waits may be quiet. Once the server shuts down there
/// is less time, since it ends with its last connection.
final class UnreadAnswerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    /// How many bytes the system takes beyond those that are on their way. Without a bound it takes megabytes from those
    /// who answer a client that reads nothing, and from one that reads slowly only now and then.
    private static let unsentBytes = 128 * 1024

    private var timeout: TimeAmount
    private let shutdownTimeout: TimeAmount
    private var check: Scheduled<Void>?

    init(timeout: Duration, shutdownTimeout: Duration = .seconds(1)) {
        self.timeout = TimeAmount(timeout)
        self.shutdownTimeout = min(TimeAmount(timeout), TimeAmount(shutdownTimeout))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let option = ChannelOptions.Types.SocketOption(
            level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT))
        // Where the system does not know it, it does without.
        try? context.channel.syncOptions?.setOption(option, value: Self.unsentBytes)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        cancel()
        if !context.channel.isWritable { schedule(context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            timeout = shutdownTimeout
            if check != nil {
                cancel()
                schedule(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context _: ChannelHandlerContext) { cancel() }

    private func schedule(_ context: ChannelHandlerContext) {
        let before = unsent(context)
        check = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.check = nil
            if self.unsent(context) < before {
                self.schedule(context)
            } else {
                context.channel.close(promise: nil)
            }
        }
    }

    /// The bytes that the system has not taken. While they are too many, none are added.
    private func unsent(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func cancel() {
        check?.cancel()
        check = nil
    }
}
