import NIOCore
import NIOHTTPTypes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Sends responses completely before a connection is closed, and closes the connection of a client that does not read
/// them.
///
/// Writing waits while too much is unsent. From then on, some of it must be sent within the time-out, repeatedly, until
/// writing resumes; a connection without unsent data may be idle. During shutdown the time-out is shorter, since the
/// server ends with its last connection.
///
/// NIO treats a connection as idle once its responses are written, although the system may not have taken them yet;
/// closing it then would cut them off.
final class UnreadAnswerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How often to check whether everything is sent, if the connection is to be closed then.
    private static let look = TimeAmount.milliseconds(20)

    /// How many unsent bytes the system accepts beyond those in flight. Without a limit it accepts megabytes for a
    /// client that reads nothing, and for a slow reader it accepts more only now and then.
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
        // Systems that do not support the option work without it.
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
        // A second request to close does not want to wait.
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

    /// - Parameter quiet: how long nothing has been sent.
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

    /// The bytes that the system has not accepted. While there are too many, none are added.
    private func unsent(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func cancel() {
        check?.cancel()
        check = nil
    }
}
