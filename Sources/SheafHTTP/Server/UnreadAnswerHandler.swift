import NIOCore
import NIOHTTPTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sends answers to their end before a connection is closed, and closes that of a client that does not read them.
///
/// Writing waits while more is unsent than may be kept. From then on some of it has to go out within the time-out, again
/// and again, until writing goes on; a connection on which nothing waits may be quiet. Once the server shuts down there
/// is less time, since it ends with its last connection.
///
/// A connection counts as idle once its answers are written, though the system may not have taken them yet; to close it
/// then would cut them off.
final class UnreadAnswerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How often it is looked whether all is sent, if the connection is to be closed then.
    private static let look = TimeAmount.milliseconds(20)

    /// How many bytes the system takes beyond those that are on their way. Without a bound it takes megabytes from those
    /// who answer a client that reads nothing, and from one that reads slowly only now and then.
    private static let unsentBytes = 128 * 1024

    private var timeout: TimeAmount
    private let shutdownTimeout: TimeAmount
    private var check: Scheduled<Void>?
    private var isClosing = false
    private var closed: EventLoopPromise<Void>?

    init(timeout: Duration, shutdownTimeout: Duration = .seconds(5)) {
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
        if !isClosing {
            cancel()
            if !context.channel.isWritable { schedule(context) }
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            timeout = shutdownTimeout
            if check != nil, !isClosing {
                cancel()
                schedule(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // Who asks again does not want to wait.
        guard mode == .all, !isClosing, unsent(context) > 0 else {
            return context.close(mode: mode, promise: promise)
        }
        cancel()
        isClosing = true
        closed = promise
        closeOnceSent(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed?.succeed(())
        closed = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context _: ChannelHandlerContext) { cancel() }

    /// - Parameter quiet: for how long nothing has gone out.
    private func closeOnceSent(_ context: ChannelHandlerContext, quiet: TimeAmount = .zero) {
        let before = unsent(context)
        check = context.eventLoop.assumeIsolated().scheduleTask(in: Self.look) {
            let left = self.unsent(context)
            let quiet = left < before ? .zero : quiet + Self.look
            if left == 0 || quiet >= self.timeout {
                context.close(promise: self.closed)
                self.closed = nil
            } else {
                self.closeOnceSent(context, quiet: quiet)
            }
        }
    }

    private func schedule(_ context: ChannelHandlerContext) {
        let before = unsent(context)
        check = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.check = nil
            if self.unsent(context) < before {
                self.schedule(context)
            } else {
                context.close(promise: nil)
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
