import HTTPTypes

/// If no tokens are configured, keeps pages of other sites from sending requests through a browser on this machine.
///
/// A page can send some requests to any address without permission (cross-site request forgery); the browser then names
/// the page's origin. A site whose name resolves to this machine (DNS rebinding) has a matching origin, but is
/// recognised by its name.
enum SiteCheck {
    /// - Throws: ``APIError`` 403 if the request names a host that is not this machine, or comes from a page of another
    ///   origin. Clients that are not browsers may send neither header.
    static func check(_ head: HTTPRequest) throws(APIError) {
        let host = head.authority?.lowercased()
        if let host, !isLoopback(host) { throw .foreignHost }
        guard let origin = head.headerFields[.origin]?.lowercased() else { return }
        guard let host, origin == "http://\(host)" || origin == "https://\(host)" else { throw .foreignOrigin }
    }

    /// Whether `authority`, a host with or without a port, names this machine.
    static func isLoopback(_ authority: String) -> Bool {
        var host = authority[...]
        if let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy(\.isNumber) {
            host = host[..<colon]
        }
        return ListenHost(String(host))?.isLoopback == true
    }
}

extension APIError {
    fileprivate static let foreignHost = APIError(
        status: .forbidden, code: "forbidden",
        message: "without http.tokens the Host must be localhost, 127.0.0.1 or [::1]")
    fileprivate static let foreignOrigin = APIError(
        status: .forbidden, code: "forbidden",
        message: "without http.tokens requests from pages of other origins are refused")
}
