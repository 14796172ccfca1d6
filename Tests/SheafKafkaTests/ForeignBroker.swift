import Foundation
import SheafCore
import SheafKafka
import Synchronization
import Testing

/// The other broker that SHEAF_TEST_KAFKA_URL names (scripts/with-servers.py starts it), and kcat, another client.
enum ForeignBroker {
    static let isSkipped =
        ProcessInfo.processInfo.environment["SHEAF_TEST_SKIP"]?.split(separator: ",").contains("kafka") ?? false

    private static let counter = Atomic(0)

    /// Options with their own group and topics.
    static func options() throws -> KafkaOptions {
        let url = ProcessInfo.processInfo.environment["SHEAF_TEST_KAFKA_URL"]
        let address = try #require(url, "SHEAF_TEST_KAFKA_URL is not set; run the tests by scripts/with-servers.py")
        let name = "test\(UUID().uuidString.prefix(8))-\(counter.add(1, ordering: .relaxed).newValue)"
        // A group waits for its members for half of this time.
        return KafkaOptions(
            brokers: String(address.dropFirst("kafka://".count)), group: name, topicPrefix: name + ".",
            options: ["session.timeout.ms": "6000"])
    }

    /// Runs kcat and returns its output.
    static func kcat(_ options: KafkaOptions, _ arguments: [String], input: String = "") async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["kcat", "-q", "-b", options.brokers] + arguments
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                // Both are much smaller than a pipe's buffer.
                try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try standardInput.fileHandleForWriting.close()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        #expect(status == 0, "kcat failed")
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: output, as: UTF8.self)
    }
}
