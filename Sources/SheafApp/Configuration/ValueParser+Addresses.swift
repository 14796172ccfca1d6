public import SheafCore
import SheafHTTP

/// The queue from the outbox to the handlers (`queue.url`).
public enum QueueURL: Hashable, Sendable {
    /// The outbox itself.
    case store
    case kafka(KafkaURL)
}

extension ValueParser where Value == QueueURL {
    static var queueURL: ValueParser {
        ValueParser { raw throws(Rejection) in
            raw == .text("store") ? .store : .kafka(try KafkaURL(raw, or: "store"))
        }
    }
}

extension ValueParser where Value == KafkaURL? {
    static var databusURL: ValueParser {
        ValueParser { raw throws(Rejection) in raw == .text("none") ? nil : try KafkaURL(raw, or: "none") }
    }
}

/// The gateway that delivers notifications (`gateway.url`).
public enum GatewayURL: Hashable, Sendable {
    /// Prints each notification as a line on standard output.
    case console
    case http(HTTPURL)
}

extension ValueParser where Value == GatewayURL {
    static var gatewayURL: ValueParser {
        .text { text throws(Rejection) in text == "console" ? .console : .http(try HTTPURL(text, or: "console")) }
    }
}

extension ValueParser where Value == HTTPURL? {
    static var serviceURL: ValueParser {
        .text { text throws(Rejection) in text == "none" ? nil : try HTTPURL(text, or: "none") }
    }
}

extension ValueParser where Value == String {
    /// A host name or an IP address to listen on, IPv6 with or without brackets.
    static var host: ValueParser {
        .text { text throws(Rejection) in
            guard let host = ListenHost(text) else {
                throw Rejection(
                    "\(text.quoted) is not a host; write an address or a name, as 127.0.0.1, without a port")
            }
            return host.text
        }
    }
}

extension KafkaURL {
    /// - Parameter alternative: the word that is allowed instead.
    fileprivate init(_ raw: RawValue, or alternative: String) throws(Rejection) {
        let first = raw.entries.first ?? ""
        guard first.scheme == "kafka" else { throw .address(first, "\(alternative) or kafka://host:port[,host:port]") }
        try self.init(entries: raw.entries)
    }
}

extension HTTPURL {
    /// - Parameter alternative: the word that is allowed instead.
    fileprivate init(_ text: String, or alternative: String) throws(Rejection) {
        guard text.scheme == "http" || text.scheme == "https" else {
            throw .address(text, "\(alternative), http://… or https://…")
        }
        guard let url = HTTPURL(text) else {
            throw Rejection(
                "is not the address of a service; write one as https://service.example:8443/path, "
                    + "without user, password and query")
        }
        self = url
    }
}

extension Rejection {
    /// The rejection of a text that is no accepted address. It shows only the scheme, since the rest may hold a
    /// password.
    static func address(_ text: String, _ forms: String) -> Rejection {
        if let scheme = text.scheme {
            return Rejection("an address with '\(scheme):' is not taken here; write \(forms)")
        }
        return Rejection("is not an address; write \(forms)")
    }
}
