import HTTPTypes
import Hummingbird

/// Checks that a request's token allows it (RFC 6750).
struct AccessControl: Sendable {
    /// Without tokens, every request from this machine is allowed.
    let tokens: [AccessToken]

    /// - Throws: ``APIError`` 401 if the request has no known token, 403 if its token does not allow `scope`. Without
    ///   tokens, 403 if the request may come from a page of another site.
    func check(_ request: Request, for scope: AccessToken.Scope) throws(APIError) {
        guard !tokens.isEmpty else { return try SiteCheck.check(request.head) }
        guard let header = request.headers[.authorization] else { throw .unauthorized(isTokenShown: false) }
        guard let scopes = scopes(of: header) else { throw .unauthorized(isTokenShown: true) }
        guard scopes.contains(scope) else { throw .forbidden(scope) }
    }

    private func scopes(of header: String) -> Set<AccessToken.Scope>? {
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let digest = AccessToken.digest(parts[1])
        // All tokens are compared, so that the time does not reveal which one matched.
        return tokens.reduce(into: nil) { found, token in
            if token.matches(digest) { found = token.scopes }
        }
    }
}

extension Endpoint {
    /// The handler, after a check of the token that the endpoint needs.
    func guarded(by access: AccessControl) -> Handler {
        guard let scope else { return handler }
        return { [handler] request, context in
            try access.check(request, for: scope)
            return try await handler(request, context)
        }
    }
}
