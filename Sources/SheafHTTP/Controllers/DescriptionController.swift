import Hummingbird
import NIOCore

/// Tells what the API takes and answers, in OpenAPI 3.1.
struct DescriptionController: Sendable {
    private let json: ByteBuffer

    /// - Parameter needsTokens: without, the description speaks of none.
    init(needsTokens: Bool) {
        let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
        json = ByteBuffer(
            string: needsTokens
                ? text : text.replacing(#/"security": \[\{"token": \["[a-z]+"\]\}\],\s*/#, with: ""))
    }

    @Sendable
    func show(_: Request, _: APIContext) async throws -> Response {
        Response(status: .ok, json: json)
    }
}
