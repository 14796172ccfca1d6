import Crypto

/// A Lua script, which the server caches by its digest.
public struct RedisScript: Hashable, Sendable {
    public let source: String
    /// The SHA-1 of the source in hexadecimal, for `EVALSHA`.
    public let digest: String

    public init(_ source: String) {
        self.source = source
        digest = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    public static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// The arguments that run it.
    /// - Parameter keys: keys of one slot, by which a cluster finds the node.
    public func run(keys: String...) -> RedisArguments {
        var arguments = RedisArguments("EVALSHA", digest, String(keys.count))
        for key in keys { arguments.append(key) }
        return arguments
    }
}
