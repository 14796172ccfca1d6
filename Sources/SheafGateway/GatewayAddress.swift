import FoundationEssentials
import SheafCore

/// What can be configured as the gateway's address.
enum GatewayAddress {
    /// Where notifications are posted to, for the gateway at `url`.
    /// - Throws: ``SheafError`` `invalid`, which does not hold the text: a password may stand in it.
    static func notifications(of url: String) throws(SheafError) -> String {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else { throw fault("expected an address as in https://gateway.example:8443") }
        guard parts.user == nil, parts.password == nil else { throw fault("may not hold a user or a password") }
        guard parts.query == nil, parts.fragment == nil else { throw fault("may not have a query or a fragment") }
        var base = Substring(url)
        while base.last == "/" { base.removeLast() }
        return base + "/v1/notifications"
    }

    private static func fault(_ message: String) -> SheafError {
        SheafError(.invalid, field: "gateway.url", message)
    }
}
