import BlockingIO
import Foundation
import Synchronization
import Testing

@Suite("An actor's own thread")
struct ThreadExecutorTests {
    /// An actor with its own thread.
    private actor Worker {
        private let executor = ThreadExecutor()
        private var value = 0

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        /// Reads, sleeps and writes; concurrent runs would lose increments.
        func addSlowly() {
            let before = value
            Thread.sleep(forTimeInterval: 0.0001)
            value = before + 1
        }

        func read() -> Int { value }
        func block(for seconds: Double) { Thread.sleep(forTimeInterval: seconds) }
        func thread() -> UInt { ThreadExecutorTests.threadNumber }
    }

    private static var threadNumber: UInt { UInt(bitPattern: ObjectIdentifier(Thread.current)) }

    @Test("Its jobs run one after another") func serial() async {
        let worker = Worker()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 { group.addTask { await worker.addSlowly() } }
        }
        #expect(await worker.read() == 500)
    }

    @Test("Its jobs all run on one thread that no other actor uses") func oneThread() async {
        let workers = (0..<4).map { _ in Worker() }
        var threads: Set<UInt> = []
        for worker in workers {
            var own: Set<UInt> = []
            for _ in 0..<20 {
                own.insert(await worker.thread())
                await Task.yield()
            }
            #expect(own.count == 1)
            threads.formUnion(own)
        }
        #expect(threads.count == 4)
    }

    @Test("Blocking it delays nobody else") func notOnThePool() async throws {
        // Many more than the cooperative pool has threads.
        let workers = (0..<64).map { _ in Worker() }
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { await worker.block(for: 3) } }
            group.addTask {
                for _ in 0..<100 { await Task.yield() }
                #expect(ContinuousClock.now - start < .milliseconds(2500))
            }
        }
        // One after another they would take 192 s.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("Its thread ends with the actor") func ends() async throws {
        let before = try Self.threads()
        for _ in 0..<50 {
            let workers = (0..<4).map { _ in Worker() }
            for worker in workers { #expect(await worker.thread() != 0) }
        }
        let deadline = ContinuousClock.now + .seconds(10)
        // Other tests' threads come and go.
        while try Self.threads() > before + 100, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try Self.threads() <= before + 100)
    }

    private static func threads() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}
