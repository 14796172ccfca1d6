internal import ServiceCalls
internal import SheafCore
internal import SheafHTTP

extension ValueParser where Value == Secret {
    /// The key that signs requests to the gateway.
    static var signingSecret: ValueParser {
        .text { text throws(Rejection) in
            do throws(SheafError) { _ = try SigningSecret(text) } catch { throw Rejection(error.message) }
            return Secret(text)
        }
    }
}

extension ValueParser where Value == [AccessToken] {
    /// `token:scope[+scope]` entries. A token is a text that may follow `Bearer` (RFC 6750, section 2.1).
    static var accessTokens: ValueParser {
        ValueParser { raw throws(Rejection) in
            guard raw != .text("") else { throw Rejection("is empty; leave it out for no tokens") }
            var tokens: [AccessToken] = []
            for (index, entry) in raw.entries.enumerated() {
                guard let token = AccessToken(entry) else {
                    throw Rejection(
                        "entry \(index + 1) is not token:scope[+scope]; scopes are publish, read and admin, and a token "
                            + "has letters, digits, '-', '.', '_', '~', '+' and '/', with '=' at its end")
                }
                if let same = tokens.firstIndex(where: { $0.isSameToken(as: token) }) {
                    throw Rejection("entry \(index + 1) has the token of entry \(same + 1)")
                }
                tokens.append(token)
            }
            return tokens
        }
    }
}

extension AccessToken {
    fileprivate init?(_ entry: String) {
        let halves = entry.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        var body = halves[0]
        while body.last == "=" { body.removeLast() }
        let names = halves[1].split(separator: "+", omittingEmptySubsequences: false)
        let scopes = names.compactMap { Scope(rawValue: String($0)) }
        guard !body.isEmpty, scopes.count == names.count,
            body.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._~+/".contains($0)) })
        else { return nil }
        self.init(halves[0], scopes: Set(scopes))
    }
}
