import Dispatch
import Foundation
import SheafCore

/// Reads lines from a file descriptor, in batches and in bounded memory.
struct LineReader {
    /// The longest line that is taken.
    static let maximumLength = 4 * 1024 * 1024
    private static let chunk = 256 * 1024

    private let descriptor: Int32
    /// Reading blocks its thread, so it has one of its own.
    private let queue = DispatchQueue(label: "sheaf.lines")
    private var rest: [UInt8] = []
    private var isAtEnd = false
    private var isSkipping = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Some more lines, without their ends; `nil` stands for one that is too long. None at the end of the input.
    mutating func next() async throws(SheafError) -> [[UInt8]?] {
        var lines: [[UInt8]?] = []
        while lines.isEmpty, !isAtEnd {
            let bytes = try await read()
            isAtEnd = bytes.isEmpty
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
        // The line that was too long was told of when it became so.
        if !isSkipping { lines.append(rest + end) }
        rest.removeAll(keepingCapacity: true)
        isSkipping = false
    }

    private func read() async throws(SheafError) -> [UInt8] {
        let descriptor = descriptor
        let result: Result<[UInt8], SheafError> = await withCheckedContinuation { continuation in
            queue.async {
                var count = 0
                let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, initialized in
                    repeat {
                        count = Foundation.read(descriptor, buffer.baseAddress, Self.chunk)
                    } while count < 0
                        && errno == EINTR
                    initialized = max(0, count)
                }
                continuation.resume(
                    returning: count < 0 ? .failure(SheafError(.storage, "the input cannot be read")) : .success(bytes))
            }
        }
        return try result.get()
    }
}
