import HTTPTypes
import Hummingbird
import NIOCore
import SheafEngine

extension Response {
    /// A response with a JSON body.
    init(status: HTTPResponse.Status, json: ByteBuffer) {
        self.init(
            status: status, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: json))
    }

    /// A response with `document` as its body; it is not cached, since it describes a moment.
    static func document(_ document: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        var response = Response(status: status, json: ByteBuffer(bytes: try DocumentEncoder().encode(document)))
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// A response without a body.
    static var noContent: Response { Response(status: .noContent) }
}
