extension DebouncerScripts {
    /// The time until the next window is ready, for the end of `claim` and `peek`; negative if there is none.
    private static let wait = #"""
        local function wait()
            local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
            return first[2] and text(math.max(0, first[2] - now)) or '-1'
        end

        """#

    /// ARGV: the maximum windows, the maximum events, the lease. Returns the moment, the time until the next window,
    /// and for each claim the member, record and events.
    static let claim =
        wait + #"""
            local limit, most, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            local reply, count = { text(now), '-1' }, 0
            drains()
            for _, name in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', text(now), 'LIMIT', 0, limit)) do
                if count >= most then break end
                local id, recipient = string.match(name, '^(%d+):(.+)$')
                local window = read(id, recipient)
                if window then
                    if window.attempt == 0 and redis.call('ZREM', open, name) == 1 then
                        redis.call('HDEL', hash(recipient), window.subkey)
                    end
                    window.token = following()
                    window.attempt = window.attempt + 1
                    write(window)
                    redis.call('ZADD', due, text(now + lease), name)
                    local ids = redis.call('ZRANGEBYSCORE', events(recipient, window.subkey), id, id)
                    count = count + #ids
                    reply[#reply + 1] = name
                    reply[#reply + 1] = packed(window)
                    reply[#reply + 1] = table.concat(ids)
                else
                    redis.call('ZREM', due, name)
                    redis.call('ZREM', open, name)
                end
            end
            keepSequence()
            reply[2] = wait()
            return reply
            """#

    /// What `claim` would find in this shard, so that of several shards the longest due windows are claimed. ARGV: the
    /// maximum windows, the maximum events. Returns the same as `claim`, but for each window the moment, member and
    /// number of events.
    static let peek =
        wait + #"""
            local most, reply, count = tonumber(ARGV[2]), { text(now), wait() }, 0
            local found = redis.call('ZRANGEBYSCORE', due, '-inf', text(now), 'WITHSCORES', 'LIMIT', 0, ARGV[1])
            for at = 1, #found, 2 do
                if count >= most then break end
                local id, recipient = string.match(found[at], '^(%d+):(.+)$')
                local window = read(id, recipient)
                local size = window and window.count or 0
                count = count + size
                reply[#reply + 1] = found[at + 1]
                reply[#reply + 1] = found[at]
                reply[#reply + 1] = text(size)
            end
            return reply
            """#

    /// ARGV: for each claim the number, recipient and token.
    static let acknowledge = #"""
        drains()
        for at = 1, #ARGV, 3 do
            local window = held(ARGV[at], ARGV[at + 1], ARGV[at + 2])
            if window then
                redis.call('ZREM', due, member(window))
                redis.call('HDEL', hash(window.recipient), 'w' .. window.id)
                redis.call('ZREMRANGEBYSCORE', events(window.recipient, window.subkey), window.id, window.id)
            end
        end
        return 0
        """#

    /// ARGV: for each claim the number, recipient, token and delay.
    static let release = #"""
        drains()
        for at = 1, #ARGV, 4 do
            local window = held(ARGV[at], ARGV[at + 1], ARGV[at + 2])
            if window then
                window.token = 0
                write(window)
                redis.call('ZADD', due, text(now + tonumber(ARGV[at + 3])), member(window))
            end
        end
        return 0
        """#

    /// ARGV: the lease; for each claim the number, recipient and token. Returns for each claim whether it is held.
    static let renew = #"""
        local answers = {}
        drains()
        for at = 2, #ARGV, 3 do
            local window = held(ARGV[at], ARGV[at + 1], ARGV[at + 2])
            if window then redis.call('ZADD', due, text(now + tonumber(ARGV[1])), member(window)) end
            answers[#answers + 1] = window and 1 or 0
        end
        return answers
        """#
}
