import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes
import SheafCore

/// Reads a request's whole body, within limits of size and time.
struct BodyCollector: Sendable {
    /// The maximum bytes of a body, both compressed and uncompressed.
    let limit: Int
    let timeout: Duration
    let budget: BodyBudget
    let clock: any TimeSource

    /// A collector of smaller bodies, which count towards the same budget.
    func limited(to limit: Int) -> BodyCollector {
        BodyCollector(limit: min(limit, self.limit), timeout: timeout, budget: budget, clock: clock)
    }

    /// Passes the uncompressed bytes of the body to `use`. Until `use` returns, both the compressed and the
    /// uncompressed bytes count as held.
    ///
    /// - Parameters:
    ///   - coding: the body's compression.
    ///   - channel: the connection; a client may wait on it for `100 Continue`.
    func withBody<Value>(
        of request: Request, _ coding: ContentCoding = .identity, from channel: (any Channel)?,
        _ use: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        var held = 0
        defer { budget.giveBack(held) }
        var body = try await collect(request, from: channel, holding: &held)
        if coding == .gzip {
            body = try GzipUnpacking.unpack(body, limit: limit) { bytes throws(APIError) in
                try budget.take(bytes)
                held += bytes
            }
        }
        return try await use(body)
    }

    /// The body's bytes, each copied once.
    ///
    /// Time is checked when parts arrive; the server disconnects a client that sends none. So a request needs no timer,
    /// and most bodies arrive in one part. The budget is charged for received bytes, not for announced ones; otherwise
    /// a few clients that announce much and send nothing would use it up.
    private func collect(
        _ request: Request, from channel: (any Channel)?, holding held: inout Int
    ) async throws(APIError) -> [UInt8] {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limit { throw .tooLarge(limit) }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            channel?.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil)
        }
        var body: [UInt8] = []
        var deadline: Timestamp?
        var parts = request.body.makeAsyncIterator()
        while let part = try await next(&parts) {
            guard part.readableBytes <= limit - body.count else { throw .tooLarge(limit) }
            try budget.take(part.readableBytes)
            held += part.readableBytes
            if body.isEmpty { body.reserveCapacity(max(declared ?? 0, part.readableBytes)) }
            body.append(contentsOf: part.readableBytesView)
            if body.count == declared { return body }
            let now = clock.now
            let end = deadline ?? now + timeout
            guard now < end else { throw .tooSlow(timeout) }
            deadline = end
        }
        guard body.count >= declared ?? 0 else { throw .brokenOff }
        return body
    }

    private func next(_ parts: inout RequestBody.AsyncIterator) async throws(APIError) -> ByteBuffer? {
        do { return try await parts.next() } catch { throw .brokenOff }
    }
}
