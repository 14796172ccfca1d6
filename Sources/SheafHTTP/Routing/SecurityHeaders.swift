import HTTPTypes
import Hummingbird

/// Makes browsers trust the declared content type, load and frame nothing from elsewhere, and return over TLS if they
/// came over TLS.
struct SecurityHeaders: RouterMiddleware {
    /// Whether clients connect over TLS.
    let isSecure: Bool

    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let fields = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Content-Security-Policy", policy),
    ].compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }

    private static let strict = HTTPField(name: .strictTransportSecurity, value: "max-age=31536000")

    /// - Parameter host: the host name in the request. For local names the TLS header is left out: it would force TLS
    ///   for a year on all ports of the name, which belong to other programs.
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
