import CZlib
import HTTPTypes

/// Decompresses gzip (RFC 1952) within a limit.
enum GzipUnpacking {
    private static let step = 64 * 1024

    /// The decompressed bytes of one or several members. The limit is enforced during decompression, not after it.
    ///
    /// - Parameter take: called with the number of bytes decompressed since the last call.
    /// - Throws: ``APIError`` 413 if there are more than `limit`, 400 if `packed` is not gzip from beginning to end.
    static func unpack(
        _ packed: [UInt8], limit: Int, taking take: (Int) throws(APIError) -> Void
    ) throws(APIError) -> [UInt8] {
        // zlib keeps the stream's address, so the stream must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard sheaf_zlib_begin_gzip(stream) == Z_OK else { throw .internalError }
        defer { inflateEnd(stream) }
        return try packed.withUnsafeBufferPointer { packed throws(APIError) in
            // zlib only reads from this pointer, although its type is not const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
            stream.pointee.avail_in = UInt32(clamping: packed.count)
            var unpacked: [UInt8] = []
            while true {
                // One byte above the limit shows that there are too many.
                let before = unpacked.count
                let status = inflate(stream, upTo: min(step, limit - before + 1), into: &unpacked)
                try take(unpacked.count - before)
                guard unpacked.count <= limit else { throw .unpacksTooLarge(limit) }
                switch status {
                case Z_OK: continue
                case Z_STREAM_END where stream.pointee.avail_in == 0: return unpacked
                case Z_STREAM_END: inflateReset(stream)
                default: throw .notGzip
                }
            }
        }
    }

    /// Decompresses the next bytes, and returns zlib's status: `Z_BUF_ERROR` if the input ended before the stream did.
    private static func inflate(
        _ stream: UnsafeMutablePointer<z_stream>, upTo count: Int, into unpacked: inout [UInt8]
    ) -> Int32 {
        var status = Z_OK
        unpacked += [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(clamping: count)
            status = CZlib.inflate(stream, Z_NO_FLUSH)
            written = count - Int(stream.pointee.avail_out)
        }
        return status
    }
}

extension APIError {
    fileprivate static let notGzip = APIError(
        status: .badRequest, code: "invalid", message: "the body is not gzip from beginning to end")

    fileprivate static func unpacksTooLarge(_ limit: Int) -> APIError {
        APIError(
            status: .contentTooLarge, code: "too_large", message: "a request's body unpacks to at most \(limit) bytes")
    }
}
