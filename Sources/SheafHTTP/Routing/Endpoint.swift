import HTTPTypes
import Hummingbird

/// One endpoint of the API: what it answers to, what it needs, and what it does.
struct Endpoint: Sendable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    let method: HTTPRequest.Method
    let path: RouterPath
    /// What a token must allow; `nil` if none is needed.
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

    /// Whether the endpoint's path, without its method, is that of a request.
    func matches(path other: String) -> Bool {
        let parts = other.split(separator: "/")
        return parts.count == path.components.count && zip(path.components, parts).allSatisfy { $0 ~= $1 }
    }
}
