import Hummingbird
import NIOCore

/// Serves the OpenAPI 3.1 description of the API.
struct DescriptionController: Sendable {
    private let json: ByteBuffer

    /// - Parameter needsTokens: if `false`, the description leaves out tokens.
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
