import Hummingbird
import NIOCore
import SheafCore

/// Reads a request's body whole, within bounds of size and time.
struct BodyCollector: Sendable {
    let limit: Int
    let timeout: Duration
    let clock: any TimeSource

    /// The body's bytes, each copied once.
    ///
    /// Time is looked at as parts come; a client that sends none is cut off by the server. That costs no timer a
    /// request, and most bodies come in one part.
    func collect(_ request: Request) async throws(APIError) -> [UInt8] {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limit { throw .tooLarge(limit) }
        var body: [UInt8] = []
        var deadline: Timestamp?
        var parts = request.body.makeAsyncIterator()
        while let part = try await next(&parts) {
            guard part.readableBytes <= limit - body.count else { throw .tooLarge(limit) }
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
