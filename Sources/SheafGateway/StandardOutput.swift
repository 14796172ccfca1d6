import Dispatch
import SheafCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The process's standard output, line by line.
///
/// Each line is one `write(2)`, on a thread of its own: a stopped terminal or a full pipe delays only the writers of
/// lines.
public struct StandardOutput: Sendable {
    public static let shared = StandardOutput(descriptor: 1)

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "sheaf.standard-output")

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Writes `line` and a line end; waits while the reader is slow.
    /// - Throws: ``SheafError`` `unavailable` if nobody reads any more.
    public func write(line: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try write(Array((line + "\n").utf8)) }) }
        }
    }

    /// Writes `line` and a line end, and blocks while the reader is slow; for commands, which have nothing else to do.
    /// - Throws: ``SheafError`` `unavailable` if nobody reads any more.
    public func writeBlocking(line: String) throws {
        try queue.sync { try write(Array((line + "\n").utf8)) }
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                #if canImport(Darwin)
                    Darwin.write(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Glibc)
                    Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                    Musl.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
            } else if errno != EINTR {
                throw SheafError(.unavailable, "standard output is closed")
            }
        }
    }
}
