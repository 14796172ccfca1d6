import HTTPTypes
import Hummingbird

/// A request that the sandbox does not execute, answered in the form of the API's errors.
struct SandboxRefusal: HTTPResponseError {
    let status: HTTPResponse.Status
    private let detail: Detail

    private struct Detail: Encodable {
        let code: String
        let message: String
        let field: String?
    }

    private struct Body: ResponseEncodable {
        let error: Detail
    }

    init(_ status: HTTPResponse.Status, code: String, field: String? = nil, _ message: String) {
        self.status = status
        detail = Detail(code: code, message: message, field: field)
    }

    /// Status 400.
    static func invalid(_ field: String?, _ message: String) -> SandboxRefusal {
        SandboxRefusal(.badRequest, code: "invalid", field: field, message)
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Body(error: detail).response(from: request, context: context)
        response.status = status
        return response
    }
}
