import Foundation
import SheafCore
import SheafEngine
import SheafSQLite

/// Resident memory and idle CPU, measured in a separate process.
enum MemoryScenario {
    struct Figures: Codable {
        /// MiB.
        let idle: Double
        let full: Double
        /// Per cent of a core.
        let idleCPU: Double
    }

    /// The argument that makes this program the measured process.
    static let childArgument = "memory-child"

    static func run(events: Int) throws -> Figures {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [childArgument, String(events)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Figures.self, from: data)
    }

    static func child() async throws {
        let events = CommandLine.arguments.dropFirst(2).first.flatMap(Int.init) ?? 1_000_000
        let figures = try await Workbench(window: .seconds(3600)).use { bench in
            try await Task.sleep(for: .seconds(1))
            let cpu = Usage.cpu
            try await Task.sleep(for: .seconds(5))
            let idleCPU = (Usage.cpu - cpu) / 5 * 100
            let idle = Usage.resident
            try await WholeWay.produce(0..<events, into: bench.engine.ingest)
            var waiting = 0
            while waiting < events / 10 {
                try await Task.sleep(for: .milliseconds(200))
                waiting = try await bench.store.openWindows(after: nil, limit: 1).total
            }
            return Figures(idle: idle, full: Usage.resident, idleCPU: idleCPU)
        }
        FileHandle.standardOutput.write(try JSONEncoder().encode(figures))
    }
}
