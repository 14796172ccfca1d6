import HTTPTypes
import Hummingbird

/// One endpoint of the API: its method and path, its scope, and its handler.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    let method: HTTPRequest.Method
    let path: RouterPath
    /// The scope that a token needs; `nil` if no token is needed.
    let scope: AccessToken.Scope?
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: RouterPath, _ scope: AccessToken.Scope?, _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.scope = scope
        self.handler = handler
    }

    /// Whether the endpoint's path, regardless of its method, matches that of a request.
    func matches(path other: String) -> Bool {
        let parts = other.split(separator: "/")
        return parts.count == path.components.count && zip(path.components, parts).allSatisfy { $0 ~= $1 }
    }
}
