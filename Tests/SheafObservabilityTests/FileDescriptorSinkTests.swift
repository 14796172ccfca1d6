import Foundation
import Testing

@testable import SheafObservability

@Suite struct FileDescriptorSinkTests {
    /// Reads to the end on a separate thread, since writers wait while the pipe is full.
    private func contents(_ pipe: Pipe) async -> [Data] {
        await withCheckedContinuation { continuation in
            let handle = pipe.fileHandleForReading
            Thread.detachNewThread {
                let data = (try? handle.readToEnd()) ?? Data()
                continuation.resume(returning: data.split(separator: UInt8(ascii: "\n")))
            }
        }
    }

    /// Lines from many threads, each longer than a pipe accepts in one piece, and longer than its buffer.
    private func lines(through pipe: Pipe, count: Int, length: Int) async throws -> [Data] {
        let sink = FileDescriptorSink(pipe.fileHandleForWriting.fileDescriptor)
        async let read = contents(pipe)
        await onThreads(8) { number in
            let line = String(repeating: "\(number)", count: length) + "\n"
            for _ in 0..<count { sink.emit(line) }
        }
        try pipe.fileHandleForWriting.close()
        return await read
    }

    @Test func `Lines of many threads never mix, however long they are`() async throws {
        let lines = try await lines(through: Pipe(), count: 2, length: 300_000)
        #expect(lines.count == 16)
        let whole = Set((0..<8).map { Data(String(repeating: "\($0)", count: 300_000).utf8) })
        #expect(lines.allSatisfy { whole.contains($0) })
    }

    @Test func `A non-blocking descriptor is waited for`() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        let lines = try await lines(through: pipe, count: 1, length: 200_000)
        #expect(lines.count == 8)
        #expect(lines.allSatisfy { $0.count == 200_000 })
    }

    @Test func `A closed descriptor is ignored`() {
        FileDescriptorSink(-1).emit("nobody reads this\n")
    }
}
