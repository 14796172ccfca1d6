import Foundation
import Testing

@testable import SheafObservability

@Suite struct ProcessStatisticsTests {
    private let own = """
        42 (a (b) c) S 1 42 42 0 -1 4194560 5000 0 0 0 250 50 0 0 20 0 8 0 123456 90000000 2560 18446744073709551615
        """
    private let system = "cpu  1 2 3\nctxt 9\nbtime 1700000000\nprocesses 5\n"

    @Test func `The figures are read, whatever the program is called`() throws {
        let statistics = try #require(
            ProcessStatistics(own: own, system: system, openFiles: 7, ticksPerSecond: 100, pageSize: 4096))
        #expect(statistics.startTime == 1_700_001_234.56)
        #expect(statistics.residentBytes == 2560 * 4096)
        #expect(statistics.cpuSeconds == 3)
        #expect(statistics.openFiles == 7)
    }

    @Test(arguments: ["", "42 (a) S 1", "42 a S 1 42"])
    func `Text of another form gives no figures`(text: String) {
        #expect(
            ProcessStatistics(own: text, system: system, openFiles: 1, ticksPerSecond: 100, pageSize: 4096) == nil)
        #expect(ProcessStatistics(own: own, system: text, openFiles: 1, ticksPerSecond: 100, pageSize: 4096) == nil)
    }

    @Test func `This process shows plausible figures`() throws {
        let exposition = Exposition(PrometheusRegistry([]))
        func value(_ name: String) throws -> Double { try #require(exposition[name].flatMap(Double.init)) }
        let age = try Date().timeIntervalSince1970 - value("process_start_time_seconds")
        // The kernel rounds the boot time to a second.
        #expect((-2...86_400).contains(age))
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try value("process_open_fds") >= 3)
    }

    @Test func `Allocated memory is shown`() throws {
        let before = try #require(ProcessStatistics.current())
        let block = [UInt8](repeating: 1, count: 64 << 20)
        let after = try #require(ProcessStatistics.current())
        #expect(after.residentBytes - before.residentBytes > 32 << 20)
        #expect(block.last == 1)
    }
}
