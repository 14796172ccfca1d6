import CHiredis
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A connection of hiredis; all of its C code is used here. It blocks, and belongs to one thread at a time.
final class RedisSocket {
    private let context: UnsafeMutablePointer<redisContext>
    private let address: String
    private let timeout: Duration
    /// `nil` without encryption.
    private let tls: TLSStream?

    /// Connects.
    /// - Throws: ``SheafError`` `unavailable`, or `storage` if the server's certificate is not trusted.
    init(_ options: RedisOptions) throws {
        Self.refuseBrokenPipeSignals()
        address = options.address
        timeout = options.commandTimeout
        guard
            let context = redisConnectWithTimeout(
                options.host, Int32(clamping: options.port), timeval(options.connectTimeout))
        else { throw SheafError(.unavailable, "there is no memory to connect to \(options.address)") }
        self.context = context
        do {
            guard context.pointee.err == REDIS_OK else {
                throw SheafError(.unavailable, "cannot connect to \(address): \(Self.reason(context))")
            }
            redisEnableKeepAlive(context)
            redisSetTimeout(context, timeval(options.connectTimeout))
            tls = try options.tls.map {
                try TLSStream(
                    over: context.pointee.fd, host: options.host, authorities: $0.authorities, address: options.address)
            }
        } catch {
            redisFree(context)
            throw error
        }
        guard redisSetTimeout(context, timeval(options.commandTimeout)) == REDIS_OK else { throw failure }
    }

    deinit { redisFree(context) }

    /// Sends commands and reads their replies: one round trip.
    /// - Throws: ``SheafError`` `unavailable`; the socket can then no longer be used.
    func exchange(_ commands: [RedisArguments]) throws -> [RedisValue] {
        for command in commands { try append(command) }
        return try commands.map { _ in try readReply() }
    }

    private func append(_ command: RedisArguments) throws {
        let status = command.bytes.withUnsafeBytes { bytes in
            var position = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let words = command.lengths.map { length in
                defer { position = position.map { $0 + length } }
                return position
            }
            var pointers = words
            if let tls { return Self.send(&pointers, command.lengths, by: tls) }
            return redisAppendCommandArgv(context, Int32(command.lengths.count), &pointers, command.lengths)
        }
        guard status == REDIS_OK else { throw failure }
    }

    private static func send(
        _ words: inout [UnsafePointer<CChar>?], _ lengths: [Int], by tls: TLSStream
    ) -> Int32 {
        var command: UnsafeMutablePointer<CChar>?
        let size = redisFormatCommandArgv(&command, Int32(lengths.count), &words, lengths)
        guard size > 0, let command else { return REDIS_ERR }
        defer { redisFreeCommand(command) }
        return tls.write(UnsafeRawBufferPointer(start: command, count: Int(size))) ? REDIS_OK : REDIS_ERR
    }

    /// The next reply of hiredis's reader, which parses the bytes from TLS.
    private func next(by tls: TLSStream) throws -> UnsafeMutableRawPointer? {
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(context.pointee.reader, &reply) == REDIS_OK else { throw failure }
            if reply != nil { return reply }
            try withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
                guard let count = tls.read(into: buffer),
                    redisReaderFeed(context.pointee.reader, buffer.baseAddress, count) == REDIS_OK
                else { throw failure }
            }
        }
    }

    private func readReply() throws -> RedisValue {
        var reply: UnsafeMutableRawPointer?
        if let tls {
            reply = try next(by: tls)
        } else if redisGetReply(context, &reply) != REDIS_OK {
            throw failure
        }
        guard let reply else { throw failure }
        defer { freeReplyObject(reply) }
        return try value(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func value(_ reply: redisReply) throws -> RedisValue {
        switch reply.type {
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_INTEGER: return .integer(reply.integer)
        case REDIS_REPLY_STRING: return .string(Array(bytes(of: reply)))
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(RedisReplyError(String(decoding: bytes(of: reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.element, count: reply.elements)
            return .array(try elements.map { try $0.map { try value($0.pointee) } ?? .null })
        default: throw SheafError(.storage, "\(address) answered in a form that RESP2 does not have")
        }
    }

    private func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.len)
    }

    /// The last failure.
    private var failure: SheafError {
        // The thread's `errno` is still that of the failed call.
        if tls != nil || context.pointee.err == REDIS_ERR_IO, errno == EAGAIN {
            return SheafError(.unavailable, "\(address) did not answer in \(timeout)")
        }
        let reason = tls == nil ? Self.reason(context) : TLSStream.reason
        return SheafError(.unavailable, "the connection to \(address) failed: \(reason)")
    }

    private static func reason(_ context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: context.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Writing to a connection that the server closed must fail the call, not end the process. The signal goes to the
    /// writing thread, which is the connection's own.
    private static func refuseBrokenPipeSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// A time limit. It cannot be zero, which would mean to wait for ever.
private func timeval(_ duration: Duration) -> timeval {
    let microseconds = max(duration.microseconds, 1000)
    return .init(tv_sec: Int(microseconds / 1_000_000), tv_usec: .init(microseconds % 1_000_000))
}
