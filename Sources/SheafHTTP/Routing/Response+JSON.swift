import HTTPTypes
import Hummingbird
import NIOCore
import SheafEngine

extension Response {
    /// An answer whose body is JSON.
    init(status: HTTPResponse.Status, json: ByteBuffer) {
        self.init(
            status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: json))
    }

    /// An answer whose body is `document`; it speaks of a moment and is not to be kept.
    static func document(_ document: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        var response = Response(status: status, json: ByteBuffer(bytes: try DocumentEncoder().encode(document)))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// An answer without a body.
    static var noContent: Response { Response(status: .noContent) }
}
