/// The debouncer's scripts. Each sees one moment of the server's clock and is atomic.
///
/// All keys of a shard begin with the same tagged prefix, such as `sheaf:{0}:`:
///
///     due              sorted set: `ID:RECIPIENT` of every window by when it is ready to be claimed, in microseconds
///     open             sorted set: `ID:RECIPIENT` of the windows that take events, by identifier
///     r:RECIPIENT      hash: `wID` is the record of a window, and `TYPE[:PART]` the number of a key's open window
///     e:RECIPIENT:TYPE[:PART]
///                      sorted set: the events that wait in any window of the key, by the number of their window; those
///                      of one window are in the order of their bytes, which is their age
///     seq              the last number given to a window or a claim
///
/// A script names the first of these as its key, by which a cluster finds the slot; the others are in the same slot. No
/// key has a time to live: Redis deletes each with its last window. No window is lost before it is acknowledged, since
/// the hashes and the sets change together.
struct DebouncerScripts: Sendable {
    let add: RedisScript
    let claim: RedisScript
    let peek: RedisScript
    let acknowledge: RedisScript
    let release: RedisScript
    let renew: RedisScript
    let flush: RedisScript
    let list: RedisScript
    let find: RedisScript
    let open: RedisScript
    let erase: RedisScript
    let bound: RedisScript

    /// - Parameter header: the beginning of each script, such as a line that sets how the server runs it.
    init(header: String = "") {
        func script(_ body: String) -> RedisScript { RedisScript(header + Self.prelude + body) }
        add = script(Self.add)
        claim = script(Self.claim)
        peek = script(Self.peek)
        acknowledge = script(Self.acknowledge)
        release = script(Self.release)
        renew = script(Self.renew)
        flush = script(Self.flush)
        list = script(Self.list)
        find = script(Self.find)
        open = script(Self.open)
        erase = script(Self.erase)
        bound = script(Self.bound)
    }

    /// The beginning of all scripts. Numbers are formatted explicitly, since Lua would round them to fourteen digits.
    fileprivate static let prelude = #"""
        local prefix = string.sub(KEYS[1], 1, -4)
        local due, open, sequence = prefix .. 'due', prefix .. 'open', prefix .. 'seq'
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]
        local form = '>I8I8I8I4I4I4I8I8I8B'

        local function text(number) return string.format('%.0f', number) end
        local function hash(recipient) return prefix .. 'r:' .. recipient end
        local function events(recipient, subkey) return prefix .. 'e:' .. recipient .. ':' .. subkey end
        local function member(window) return window.id .. ':' .. window.recipient end

        local function unpacked(id, recipient, record)
            local opened, closes, token, count, attempt, bytes, slide, longest, most, size, at =
                struct.unpack(form, record)
            return {
                id = id, recipient = recipient, opened = opened, closes = closes, token = token, count = count,
                attempt = attempt, bytes = bytes, slide = slide, longest = longest, most = most,
                leader = string.sub(record, at, at + size - 1), subkey = string.sub(record, at + size)
            }
        end

        local function packed(window)
            return struct.pack(form, window.opened, window.closes, window.token, window.count, window.attempt,
                window.bytes, window.slide, window.longest, window.most, #window.leader) .. window.leader .. window.subkey
        end

        local function read(id, recipient)
            local record = redis.call('HGET', hash(recipient), 'w' .. id)
            return record and unpacked(id, recipient, record)
        end

        -- A server whose memory is used up refuses a script's first write if that may need more, and then the next ones
        -- not (a script's `allow-oom` does the same from Redis 7 on). So what empties windows, and must run then above
        -- all, deletes something first that is never there.
        local function drains() redis.call('DEL', prefix .. 'none') end

        local function write(window)
            redis.call('HSET', hash(window.recipient), 'w' .. window.id, packed(window))
        end

        -- Grows also where the database was emptied: a number then is larger than any before.
        local last
        local function following()
            last = math.max((last or tonumber(redis.call('GET', sequence)) or 0) + 1, now)
            return last
        end
        local function keepSequence()
            if last then redis.call('SET', sequence, text(last)) end
        end

        -- The window that a claim still holds.
        local function held(id, recipient, token)
            local window = read(id, recipient)
            return window and token ~= '0' and text(window.token) == token and window
        end

        """#
}
