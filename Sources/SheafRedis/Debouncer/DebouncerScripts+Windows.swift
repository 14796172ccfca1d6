extension DebouncerScripts {
    /// ARGV: recipient and lane. Answers whether there was an open window.
    static let flush = #"""
        local id = redis.call('HGET', hash(ARGV[1]), ARGV[2])
        local window = id and read(id, ARGV[1])
        if not window then return 0 end
        if window.closes > now then
            drains()
            window.closes = now
            write(window)
            redis.call('ZADD', due, text(now), member(window))
        end
        return 1
        """#

    /// ARGV: the least number as a bound of a range, and how many. Answers the number of all open windows, and for each
    /// found member and record.
    static let list = #"""
        local reply = { redis.call('ZCARD', open) }
        for _, name in ipairs(redis.call('ZRANGEBYSCORE', open, ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
            local id, recipient = string.match(name, '^(%d+):(.+)$')
            local window = read(id, recipient)
            if window then
                reply[#reply + 1] = name
                reply[#reply + 1] = packed(window)
            end
        end
        return reply
        """#

    /// ARGV: recipient, lane and event. Answers member and record of the window that the event waits in.
    static let find = #"""
        local id = redis.call('ZSCORE', events(ARGV[1], ARGV[2]), ARGV[3])
        local window = id and read(id, ARGV[1])
        return window and { member(window), packed(window) } or {}
        """#

    /// ARGV: recipient and lane. Answers member and record of the open window.
    static let open = #"""
        local id = redis.call('HGET', hash(ARGV[1]), ARGV[2])
        local window = id and read(id, ARGV[1])
        return window and { member(window), packed(window) } or {}
        """#

    /// ARGV: recipient.
    static let erase = #"""
        drains()
        local fields = redis.call('HGETALL', hash(ARGV[1]))
        for at = 1, #fields, 2 do
            local id = string.match(fields[at], '^w(%d+)$')
            if id then
                local window = unpacked(id, ARGV[1], fields[at + 1])
                redis.call('ZREM', due, member(window))
                redis.call('ZREM', open, member(window))
                redis.call('DEL', events(window.recipient, window.lane))
            end
        end
        redis.call('DEL', hash(ARGV[1]))
        return 0
        """#

    /// Looks at the windows that are ready last, which are those that a clock far ahead wrote.
    /// ARGV: the longest lease, how many windows. Answers how many were moved.
    static let bound = #"""
        local lease, moved = tonumber(ARGV[1]), 0
        drains()
        local found = redis.call('ZREVRANGEBYSCORE', due, '+inf', '(' .. text(now), 'WITHSCORES', 'LIMIT', 0, ARGV[2])
        for at = 1, #found, 2 do
            local id, recipient = string.match(found[at], '^(%d+):(.+)$')
            local window, ready = read(id, recipient), tonumber(found[at + 1])
            if window then
                local ahead = math.max(0, window.opened - now)
                local bounded = ready - ahead
                if window.token ~= 0 then bounded = math.min(bounded, now + lease) end
                if ahead > 0 or bounded < ready then
                    window.opened, window.closes = window.opened - ahead, window.closes - ahead
                    write(window)
                    redis.call('ZADD', due, text(bounded), found[at])
                    moved = moved + 1
                end
            end
        end
        return moved
        """#
}
