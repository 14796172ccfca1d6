import SheafCore

/// A claim in the form of its shard's scripts.
struct HeldClaim: Sendable {
    /// The window's number within the shard.
    let number: Int64
    let claim: WindowClaim

    func append(to arguments: inout RedisArguments) {
        arguments.append(number)
        arguments.append(claim.window.key.recipient)
        arguments.append(claim.token)
    }
}

/// Ends claims of one shard.
struct AcknowledgeClaims: RedisCommand {
    static let name = "EVALSHA acknowledge"
    let script: RedisScript?
    let arguments: RedisArguments

    init(_ script: RedisScript, due key: String, _ claims: [HeldClaim]) {
        self.script = script
        var arguments = script.run(keys: key)
        for claim in claims { claim.append(to: &arguments) }
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws { _ = try reply.number() }
}

/// Makes claimed windows of one shard wait for another attempt.
struct ReleaseClaims: RedisCommand {
    static let name = "EVALSHA release"
    let script: RedisScript?
    let arguments: RedisArguments

    init(_ script: RedisScript, due key: String, _ claims: [HeldClaim], delay: (WindowClaim) -> Duration) {
        self.script = script
        var arguments = script.run(keys: key)
        for claim in claims {
            claim.append(to: &arguments)
            arguments.append(delay(claim.claim).scriptMicroseconds)
        }
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws { _ = try reply.number() }
}

/// Extends leases of one shard.
struct RenewClaims: RedisCommand {
    static let name = "EVALSHA renew"
    let script: RedisScript?
    let arguments: RedisArguments
    private let claims: [HeldClaim]

    init(_ script: RedisScript, due key: String, _ claims: [HeldClaim], lease: Duration) {
        self.script = script
        self.claims = claims
        var arguments = script.run(keys: key)
        arguments.append(lease.scriptMicroseconds)
        for claim in claims { claim.append(to: &arguments) }
        self.arguments = arguments
    }

    /// The windows whose claims are held.
    func decode(_ reply: RedisValue) throws -> [WindowID] {
        try zip(try reply.elements(), claims).compactMap { try $0.number() == 1 ? $1.claim.id : nil }
    }
}
