import FoundationEssentials
import SheafCore

/// The address of a service, to which the paths of its requests are appended.
struct ServiceURL: Hashable, Sendable {
    private let base: String

    /// - Parameter field: the configuration's key, for the error.
    init(_ text: String, field: String) throws(SheafError) {
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https",
            let host = url.host(), !host.isEmpty
        else { throw SheafError(.invalid, field: field, "is not an http:// or https:// address") }
        guard url.user() == nil, url.password() == nil, url.query() == nil, url.fragment() == nil else {
            throw SheafError(.invalid, field: field, "has more than a host, a port and a path")
        }
        base = text.last == "/" ? String(text.dropLast()) : text
    }

    func appending(_ path: String, ids: some Sequence<Int64>) -> String {
        "\(base)\(path)?ids=\(ids.map(String.init).joined(separator: ","))"
    }
}
