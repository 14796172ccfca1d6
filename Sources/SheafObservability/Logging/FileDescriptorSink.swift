import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes each line with one system call to an open file, pipe or terminal.
///
/// A pipe accepts more than 4 KiB only in pieces; the lock keeps lines of this process from mixing. A line that cannot
/// be written is lost, since there is nowhere to report it.
final class FileDescriptorSink: LogSink {
    static let standardError = FileDescriptorSink(2)

    /// How long a slow reader may delay one line, if the descriptor does not block, in milliseconds.
    private static let timeout: Int32 = 1000

    private let descriptor: Int32
    private let turn = Mutex(())

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func emit(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            turn.withLock { _ in writeAll(UnsafeRawBufferPointer(bytes)) }
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let written = write(descriptor, piece.baseAddress, piece.count)
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                guard isWritable() else { return }
            } else if errno != EINTR {
                return
            }
        }
    }

    private func isWritable() -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, Self.timeout) > 0
    }
}
