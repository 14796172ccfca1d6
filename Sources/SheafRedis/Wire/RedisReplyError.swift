import SheafCore

/// An error that the server answered with.
public struct RedisReplyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of error it is, by the word it begins with.
    public enum Prefix: String, Hashable, Sendable, CaseIterable {
        case noScript = "NOSCRIPT"
        /// The server reads its data in and answers soon.
        case loading = "LOADING"
        /// A replica; after a failover, what was the primary.
        case readOnly = "READONLY"
        case masterDown = "MASTERDOWN"
        /// A script takes too long.
        case busy = "BUSY"
        case tryAgain = "TRYAGAIN"
        case clusterDown = "CLUSTERDOWN"
        case noReplicas = "NOREPLICAS"
        case outOfMemory = "OOM"
        /// It cannot write its data to disk.
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
    /// What the server said behind the prefix, without arguments it repeats.
    public let message: String

    /// - Parameter text: the error as it came.
    public init(_ text: String) {
        let word = text.prefix { $0 != " " }
        prefix = Prefix(rawValue: String(word)) ?? .other
        let rest = prefix == .other && word != Prefix.other.rawValue ? Substring(text) : text.dropFirst(word.count + 1)
        // «unknown command 'X', with args beginning with: …» quotes what may be a secret.
        message = String(rest.split(separator: ", with args", maxSplits: 1).first ?? "")
    }

    public var description: String { message.isEmpty ? prefix.rawValue : "\(prefix.rawValue) \(message)" }

    /// Whether it passes by itself, or by connecting anew.
    var isPassing: Bool {
        switch prefix {
        case .loading, .readOnly, .masterDown, .busy, .tryAgain, .clusterDown, .noReplicas: true
        case .other: message.hasPrefix("max number of clients")
        default: false
        }
    }

    /// Whether a new connection may lead to a server that can serve.
    var asksForAnotherConnection: Bool { prefix == .readOnly || prefix == .masterDown }

    var sheafError: SheafError { SheafError(isPassing ? .unavailable : .storage, "Redis answered \(description)") }
}
