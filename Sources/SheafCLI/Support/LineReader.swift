import Dispatch
import Foundation
import SheafCore
import Synchronization

/// The input of a command: a file, or standard input.
enum InputFile {
    /// - Throws: ``SheafError`` `not_found` if the file cannot be read.
    static func open(_ file: String?) throws(SheafError) -> Int32 {
        guard let file else { return STDIN_FILENO }
        let descriptor = Foundation.open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SheafError(.notFound, "\(file): the file cannot be read") }
        return descriptor
    }
}

/// Reads lines from a file descriptor, in batches and with bounded memory.
struct LineReader {
    /// The maximum length of a line in bytes.
    static let maximumLength = 4 * 1024 * 1024
    private static let chunk = 256 * 1024

    private let descriptor: Int32
    private let name: String
    /// Reading blocks its thread, so it has a thread of its own.
    private let queue = DispatchQueue(label: "sheaf.lines")
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var isSkipping = false

    /// - Parameter name: the name of the input in error messages.
    init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Some more lines, without their line ends; `nil` is a line that is too long. Empty at the end of the input or
    /// when the task is cancelled; then a partly read line is dropped.
    mutating func next() async throws(SheafError) -> [[UInt8]?] {
        var lines: [[UInt8]?] = []
        while lines.isEmpty, !isAtEnd {
            let bytes = try await read()
            isAtEnd = bytes.isEmpty
            if Task.isCancelled { (rest, isAtEnd) = ([], true) }
            take(bytes, into: &lines)
        }
        return lines
    }

    private mutating func take(_ bytes: [UInt8], into lines: inout [[UInt8]?]) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            finish(bytes[start..<end], &lines)
            start = end + 1
        }
        if isAtEnd {
            if !rest.isEmpty { finish([], &lines) }
        } else if !isSkipping {
            rest.append(contentsOf: bytes[start...])
        }
        if rest.count > Self.maximumLength {
            lines.append(nil)
            rest = []
            isSkipping = true
        }
    }

    private mutating func finish(_ end: ArraySlice<UInt8>, _ lines: inout [[UInt8]?]) {
        // The line was reported as soon as it became too long.
        if !isSkipping { lines.append(rest + end) }
        rest.removeAll(keepingCapacity: true)
        isSkipping = false
    }

    private func read() async throws(SheafError) -> [UInt8] {
        let (descriptor, name, isCancelled) = (descriptor, name, CancellationFlag())
        let result: Result<[UInt8], SheafError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    let bytes = isCancelled.waits(for: descriptor) ? Self.read(descriptor) : []
                    continuation.resume(
                        returning: bytes.map(Result.success)
                            ?? .failure(SheafError(.storage, "\(name): the input cannot be read")))
                }
            }
        } onCancel: {
            isCancelled.set()
        }
        return try result.get()
    }

    /// - Returns: `nil` if the input cannot be read.
    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, initialized in
            repeat { count = Foundation.read(descriptor, buffer.baseAddress, chunk) } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        return count < 0 ? nil : bytes
    }
}

/// Stops a thread that waits for input.
private final class CancellationFlag: Sendable {
    private static let look: Int32 = 100  // milliseconds
    private let isSet = Atomic(false)

    func set() { isSet.store(true, ordering: .relaxed) }

    /// Waits until a descriptor can be read.
    ///
    /// - Returns: whether it can be read, or has an error to report; `false` once the flag is set.
    func waits(for descriptor: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while !isSet.load(ordering: .relaxed) {
            if poll(&wanted, 1, Self.look) > 0 { return true }
        }
        return false
    }
}
