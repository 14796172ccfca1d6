import HTTPTypes
import Hummingbird

/// Lets requests pass whose token allows them (RFC 6750).
struct AccessControl: Sendable {
    /// Without any, everything is allowed to who asks from this machine.
    let tokens: [AccessToken]

    /// - Throws: ``APIError`` 401 if no known token is shown, 403 where the token does not allow `scope`. Without
    ///   tokens 403 where a page of another site may be asking.
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
        // All are looked at, so that the time does not tell which one it was.
        return tokens.reduce(into: nil) { found, token in
            if token.matches(digest) { found = token.scopes }
        }
    }
}

extension Endpoint {
    /// The handler behind the check of the token that the endpoint needs.
    func guarded(by access: AccessControl) -> Handler {
        guard let scope else { return handler }
        return { [handler] request, context in
            try access.check(request, for: scope)
            return try await handler(request, context)
        }
    }
}
