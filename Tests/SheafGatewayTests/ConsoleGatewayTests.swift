import Foundation
import SheafCore
import Synchronization
import Testing

@testable import SheafGateway

@Suite("Notifications on the console")
struct ConsoleGatewayTests {
    @Test("A notification is one line with recipient, type, text and count")
    func line() async {
        let lines = Mutex<[String]>([])
        let gateway = ConsoleGateway { line in lines.withLock { $0.append(line) } }
        let outcome = await gateway.send(Samples.notification(), type: "sale_item_changed")
        #expect(outcome == .delivered(httpStatus: nil))
        #expect(
            lines.withLock { $0 } == [
                "42 sale_item_changed: Исключили 21 товар из распродажи — Больше не подходят под условия (×21)"
            ])
    }

    @Test("Line ends and terminal controls in the text have no effect")
    func controls() async {
        let lines = Mutex<[String]>([])
        let gateway = ConsoleGateway { line in lines.withLock { $0.append(line) } }
        let notification = Samples.notification(
            title: "a\nb\r\nc\u{1B}[31md", description: "e\u{2028}f\u{9B}g\u{7}", count: 1)
        _ = await gateway.send(notification, type: "t")
        #expect(lines.withLock { $0 } == ["42 t: a b  c [31md — e f g  (×1)"])
    }

    @Test("A closed console is a failure that may be retried")
    func failure() async {
        let gateway = ConsoleGateway { _ in throw SheafError(.unavailable, "standard output is closed") }
        let outcome = await gateway.send(Samples.notification(), type: "t")
        #expect(outcome == .failed(httpStatus: nil, error: "cannot write to the console", after: nil))
    }

    @Test("The null gateway delivers everything")
    func null() async {
        #expect(await NullGateway().send(Samples.notification(), type: "t") == .delivered(httpStatus: nil))
    }
}

@Suite("Standard output")
struct StandardOutputTests {
    @Test("Lines of many tasks stay whole, even if longer than a pipe accepts at once")
    func wholeLines() async throws {
        let pipe = Pipe()
        // A slow reader meets a writer that must not block in write(2).
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        let output = StandardOutput(descriptor: descriptor)
        let expected = (0..<20).map { String(repeating: Character(Unicode.Scalar(UInt8(97 + $0))), count: 50_000) }
        let reading = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
        try await withThrowingTaskGroup { group in
            for (index, line) in expected.enumerated() {
                group.addTask {
                    if index.isMultiple(of: 5) {
                        try output.writeBlocking(line: line)
                    } else {
                        try await output.write(line: line)
                    }
                }
            }
            try await group.waitForAll()
        }
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try await reading.value, as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        #expect(text.split(separator: "\n").map(String.init).sorted() == expected)
    }

    @Test("A closed output is an error")
    func closed() async throws {
        let output = StandardOutput(descriptor: -1)
        let expected = SheafError(.unavailable, "standard output is closed")
        await #expect(throws: expected) { try await output.write(line: "x") }
        #expect(throws: expected) { try output.writeBlocking(line: "x") }
    }
}
