import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Adds the API's error body to the server's response to invalid HTTP, which has no body.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var error: APIError?
    /// The body that follows the head just written.
    private var body: ByteBuffer?

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError { self.error = APIError(error) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status == .badRequest && head.headerFields[.contentLength] == "0":
            guard let error else { return context.write(data, promise: promise) }
            let buffer = error.json
            var head = HTTPResponse(status: error.status, headerFields: head.headerFields)
            head.headerFields[.contentType] = "application/json"
            head.headerFields[.contentLength] = String(buffer.readableBytes)
            body = buffer
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            if let body { context.write(wrapOutboundOut(.body(body)), promise: nil) }
            body = nil
            context.write(data, promise: promise)
        default: context.write(data, promise: promise)
        }
    }
}

extension APIError {
    fileprivate init(_ error: HTTPParserError) {
        if error == .headerOverflow {
            self.init(
                status: .requestHeaderFieldsTooLarge, code: "headers_too_large",
                message: "a request has at most 100 headers with 16 KiB in all")
        } else {
            self.init(status: .badRequest, code: "invalid", message: "this is not an HTTP/1.1 request")
        }
    }
}
