import HTTPTypes

/// Keeps the pages of other sites from asking through the browser of someone on this machine, if no token does.
///
/// A page can send some requests to any address without being asked (cross-site request forgery); a browser then tells
/// the page's origin. A site whose name is made to mean this machine (DNS rebinding) asks from an origin that fits, and
/// gives itself away by its name.
enum SiteCheck {
    /// - Throws: ``APIError`` 403 where the request names a host that is not this machine, or comes from a page of
    ///   another origin. Programs that are no browsers may leave both out.
    static func check(_ head: HTTPRequest) throws(APIError) {
        let host = head.authority?.lowercased()
        if let host, !isLoopback(host) { throw .foreignHost }
        guard let origin = head.headerFields[.origin]?.lowercased() else { return }
        guard let host, origin == "http://\(host)" || origin == "https://\(host)" else { throw .foreignOrigin }
    }

    /// Whether `authority`, a host with a port or without, is this machine in its own eyes.
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
        message: "without http.tokens the API is asked as localhost, 127.0.0.1 or [::1], and this Host is another")
    fileprivate static let foreignOrigin = APIError(
        status: .forbidden, code: "forbidden", message: "without http.tokens pages of other origins may not ask")
}
