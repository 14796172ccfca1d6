import SheafCore

/// Takes a lock if it is free, and increments its fence.
struct AcquireLock: RedisCommand {
    static let name = "EVALSHA acquire"

    /// KEYS: the lock. ARGV: token, lease in milliseconds. Returns the fence, which grows even if the database was
    /// emptied, or nothing.
    private static let acquire = RedisScript(
        #"""
        local fence = KEYS[1] .. ':fence'
        -- After a first write that needs no memory a server that has none left takes the others: who removes what is
        -- too old must not wait for room.
        redis.call('DEL', KEYS[1] .. ':none')
        if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
        local clock = redis.call('TIME')
        local last = tonumber(redis.call('GET', fence)) or 0
        local following = string.format('%.0f', math.max(last + 1, clock[1] * 1000000 + clock[2]))
        redis.call('SET', fence, following)
        return following
        """#)

    let arguments: RedisArguments
    var script: RedisScript? { Self.acquire }

    init(key: String, token: String, lease: Duration) {
        var arguments = Self.acquire.run(keys: key)
        arguments.append(token)
        arguments.append(lease.lockMilliseconds)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> Int64? { reply == .null ? nil : try reply.number() }
}

/// Extends the lease of a lock that is still held.
struct RenewLock: RedisCommand {
    static let name = "EVALSHA renew lock"

    private static let renew = RedisScript(
        #"""
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """#)

    let arguments: RedisArguments
    var script: RedisScript? { Self.renew }

    init(key: String, token: String, lease: Duration) {
        var arguments = Self.renew.run(keys: key)
        arguments.append(token)
        arguments.append(lease.lockMilliseconds)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> Bool { try reply.number() == 1 }
}

/// Frees a lock that is still held.
struct ReleaseLock: RedisCommand {
    static let name = "EVALSHA release lock"

    private static let release = RedisScript(
        #"""
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """#)

    let arguments: RedisArguments
    var script: RedisScript? { Self.release }

    init(key: String, token: String) {
        var arguments = Self.release.run(keys: key)
        arguments.append(token)
        self.arguments = arguments
    }

    func decode(_ reply: RedisValue) throws -> Bool { try reply.number() == 1 }
}

extension Duration {
    /// An expiry of zero is not allowed; the maximum is a century.
    fileprivate var lockMilliseconds: Int64 { min(max(microseconds / 1000, 1), 3_155_760_000_000) }
}
