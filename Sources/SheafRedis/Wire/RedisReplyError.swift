import SheafCore

/// An error reply of the server.
public struct RedisReplyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of the error, by its first word.
    public enum Prefix: String, Hashable, Sendable, CaseIterable {
        case noScript = "NOSCRIPT"
        /// The server is loading its data and will respond soon.
        case loading = "LOADING"
        /// A replica, which may have been the primary before a failover.
        case readOnly = "READONLY"
        case masterDown = "MASTERDOWN"
        /// A script runs for too long.
        case busy = "BUSY"
        case tryAgain = "TRYAGAIN"
        case clusterDown = "CLUSTERDOWN"
        case noReplicas = "NOREPLICAS"
        case outOfMemory = "OOM"
        /// It cannot persist its data.
        case misconfigured = "MISCONF"
        case wrongType = "WRONGTYPE"
        case moved = "MOVED"
        case ask = "ASK"
        case crossSlot = "CROSSSLOT"
        case noAuthentication = "NOAUTH"
        case wrongPassword = "WRONGPASS"
        case noPermission = "NOPERM"
        /// Anything else.
        case other = "ERR"
    }

    public let prefix: Prefix
    /// The server's message after the prefix, without arguments that it repeats.
    public let message: String

    /// - Parameter text: the error as received.
    public init(_ text: String) {
        let word = text.prefix { $0 != " " }
        prefix = Prefix(rawValue: String(word)) ?? .other
        let rest = prefix == .other && word != Prefix.other.rawValue ? Substring(text) : text.dropFirst(word.count + 1)
        // «unknown command 'X', with args beginning with: …» may quote a secret.
        message = String(rest.split(separator: ", with args", maxSplits: 1).first ?? "")
    }

    public var description: String { message.isEmpty ? prefix.rawValue : "\(prefix.rawValue) \(message)" }

    /// Whether it may pass by itself or with a new connection.
    var isPassing: Bool {
        switch prefix {
        case .loading, .readOnly, .masterDown, .busy, .tryAgain, .clusterDown, .noReplicas: true
        case .other: message.hasPrefix("max number of clients")
        default: false
        }
    }

    /// Whether a new connection may reach a server that works.
    var asksForAnotherConnection: Bool { prefix == .readOnly || prefix == .masterDown }

    var sheafError: SheafError { SheafError(isPassing ? .unavailable : .storage, "Redis answered \(description)") }
}
