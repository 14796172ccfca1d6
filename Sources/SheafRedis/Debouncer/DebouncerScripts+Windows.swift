extension DebouncerScripts {
    /// ARGV: recipient and subkey. Returns whether there was an open window.
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

    /// ARGV: the lowest number as a range bound, and the limit. Returns the number of all open windows, and for each
    /// window found its member and record.
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

    /// ARGV: recipient, subkey and event. Returns the member and record of the window in which the event waits.
    static let find = #"""
        local id = redis.call('ZSCORE', events(ARGV[1], ARGV[2]), ARGV[3])
        local window = id and read(id, ARGV[1])
        return window and { member(window), packed(window) } or {}
        """#

    /// ARGV: recipient and subkey. Returns the member and record of the open window.
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
                redis.call('DEL', events(window.recipient, window.subkey))
            end
        end
        redis.call('DEL', hash(ARGV[1]))
        return 0
        """#

    /// Checks the windows that are ready last, since a clock far ahead may have written them. ARGV: the longest lease,
    /// the maximum windows. Returns how many were corrected.
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
