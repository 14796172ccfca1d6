import SheafCore
import Synchronization
import Testing

extension EventSourceConformance {
    static var sharing: [Check] {
        [
            Check("Readers that join and leave lose nothing and repeat little") {
                harness async throws in
                let count = 2000
                let seen = SeenNumbers()
                let first = try await harness.open()
                let reading = Task { try await first.read(into: seen) }
                for start in stride(from: 0, to: count / 2, by: 100) {
                    try await harness.write(spread(start..<start + 100))
                }
                try await waitUntil { seen.all.count >= count / 2 }
                let second = try await harness.open()
                let alsoReading = Task { try await second.read(into: seen) }
                for start in stride(from: count / 2, to: count, by: 100) {
                    try await harness.write(spread(start..<start + 100))
                    try await harness.advance(by: harness.tick)
                }
                reading.cancel()
                _ = await reading.result
                await harness.close(first)
                try await waitUntil { Set(seen.all).count >= count }
                alsoReading.cancel()
                _ = await alsoReading.result
                await harness.close(second)
                let numbers = seen.all
                #expect(Set(numbers) == Set(0..<count))
                #expect(numbers.count <= count + count / 4)
            }
        ]
    }

    /// Records with many keys.
    private static func spread(_ numbers: Range<Int>) -> [SourceRecord] {
        numbers.map { sample(key: "\($0 % 50)", value: "\($0)") }
    }
}

/// The records that several readers received, together.
private final class SeenNumbers: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }

    func add(_ more: [Int]) { numbers.withLock { $0 += more } }
}

extension EventSource {
    /// Reads and commits until the task is cancelled.
    fileprivate func read(into seen: SeenNumbers) async throws {
        while true {
            let batch = try await receive(limit: 100)
            seen.add(batch.compactMap(\.number))
            try await commit(batch)
        }
    }
}

/// Waits until a condition is true; a check's time is limited by its test.
func waitUntil(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(20)) }
}
