extension DebouncerScripts {
    /// ARGV: the maximum bytes of a window; the number of policies; mode, length, longest time and maximum events of
    /// each; then for each group of events the recipient, subkey and policy number, and for each event the 16 bytes of
    /// its id and four bytes with the size of its payload. Returns for each group the outcome and the time until the
    /// window closes, for each event.
    static let add = #"""
        local known, opened, joined, leading = 0, 1, 2, 3
        local chunk = 1000
        local mostBytes, sizes = tonumber(ARGV[1]), {}

        local function places(key, ids)
            local found = {}
            for first = 1, #ids, chunk do
                local scores = redis.call('ZMSCORE', key, unpack(ids, first, math.min(first + chunk - 1, #ids)))
                for index, score in ipairs(scores) do
                    if score then found[ids[first + index - 1]] = score end
                end
            end
            return found
        end

        -- By the policy that the window was opened under.
        local function admit(window, event)
            window.count = window.count + 1
            window.bytes = math.min(window.bytes + sizes[event], 4294967295)
            window.waiting[#window.waiting + 1] = event
            if window.slide > 0 then
                window.closes = math.min(now + window.slide, window.opened + window.longest)
            end
            if window.count >= window.most or window.bytes >= mostBytes then window.closes = math.min(window.closes, now) end
        end

        local function fresh(recipient, subkey, event, policy)
            local leader = policy.mode == 'leading' and event or ''
            local window = {
                id = text(following()), recipient = recipient, opened = now, closes = now + policy.length, token = 0,
                count = 0, attempt = 0, bytes = 0, slide = policy.mode == 'sliding' and policy.length or 0,
                longest = policy.longest, most = policy.most, leader = leader, subkey = subkey, waiting = {}, isNew = true
            }
            if leader == '' then admit(window, event) end
            return window
        end

        local function store(window, isOpen)
            if window.isNew or #window.waiting > 0 then
                local key = events(window.recipient, window.subkey)
                for first = 1, #window.waiting, chunk do
                    local words = {}
                    for index = first, math.min(first + chunk - 1, #window.waiting) do
                        words[#words + 1] = window.id
                        words[#words + 1] = window.waiting[index]
                    end
                    redis.call('ZADD', key, unpack(words))
                end
                if isOpen and window.isNew then
                    redis.call('HSET', hash(window.recipient), 'w' .. window.id, packed(window), window.subkey, window.id)
                    redis.call('ZADD', open, window.id, member(window))
                else
                    write(window)
                end
                if window.closes ~= window.due then redis.call('ZADD', due, text(window.closes), member(window)) end
            end
            if not isOpen and not window.isNew then redis.call('ZREM', open, member(window)) end
        end

        local function addAll(recipient, subkey, policy, bytes)
            local ids, windows, answers = {}, {}, {}
            for at = 1, #bytes, 20 do
                local id = string.sub(bytes, at, at + 15)
                ids[#ids + 1] = id
                sizes[id] = struct.unpack('>I4', bytes, at + 16)
            end
            local waits = places(events(recipient, subkey), ids)

            local function find(id)
                local window = windows[id]
                if window == nil then
                    window = read(id, recipient)
                    if window then window.waiting, window.due = {}, window.closes end
                    windows[id] = window
                end
                return window
            end

            local id = redis.call('HGET', hash(recipient), subkey)
            local current = id and find(id)
            for _, event in ipairs(ids) do
                local window, outcome = waits[event] and find(waits[event]), known
                if not window then
                    local leads = current and current.leader == event
                    if current and not leads and current.closes <= now then
                        store(current, false)
                        current = nil
                    end
                    if leads then
                        outcome = leading
                    elseif current then
                        outcome = joined
                        admit(current, event)
                        waits[event] = current.id
                    else
                        current = fresh(recipient, subkey, event, policy)
                        windows[current.id] = current
                        outcome = current.leader == event and leading or opened
                        if outcome == opened then waits[event] = current.id end
                    end
                    window = current
                end
                answers[#answers + 1] = struct.pack('>BI8', outcome, math.max(0, window.closes - now))
            end
            if current then store(current, true) end
            return table.concat(answers)
        end

        -- Writes nothing, but is refused where memory is used up; what comes first otherwise may need none.
        redis.call('SETRANGE', prefix .. 'none', 0, '')
        local policies, at = {}, 3
        for index = 1, tonumber(ARGV[2]) do
            policies[index] = {
                mode = ARGV[at], length = tonumber(ARGV[at + 1]), longest = tonumber(ARGV[at + 2]),
                most = tonumber(ARGV[at + 3])
            }
            at = at + 4
        end
        local answers, size = {}, #ARGV
        while at <= size do
            answers[#answers + 1] = addAll(ARGV[at], ARGV[at + 1], policies[tonumber(ARGV[at + 2])], ARGV[at + 3])
            at = at + 4
        end
        keepSequence()
        return answers
        """#
}
