import HTTPTypes
import Hummingbird

/// Tells browsers to take every answer for what it says it is, to load and frame nothing from elsewhere, and to come back
/// over TLS where it was spoken.
struct SecurityHeaders: RouterMiddleware {
    /// Whether TLS is spoken.
    let isSecure: Bool

    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let fields = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Content-Security-Policy", policy),
    ].compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }

    private static let strict = HTTPField(name: .strictTransportSecurity, value: "max-age=31536000")

    /// - Parameter host: the name by which the client asks. To all of a name's ports TLS alone would be spoken for a
    ///   year, and those of this machine are other programs'.
    func fields(for host: String?) -> [HTTPField] {
        guard isSecure, let host, !SiteCheck.isLoopback(host.lowercased()) else { return Self.fields }
        return Self.fields + [Self.strict]
    }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers.append(contentsOf: fields(for: request.head.authority))
        return response
    }
}
