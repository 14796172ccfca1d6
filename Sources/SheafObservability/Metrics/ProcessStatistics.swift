import FoundationEssentials
import SheafCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Linux's figures about this process, under the names that Prometheus's own clients use.
struct ProcessStatistics: Hashable, Sendable {
    /// Seconds since 1970.
    var startTime: Double
    var residentBytes: Int
    var cpuSeconds: Double
    var openFiles: Int

    /// The current figures; `nil` if there is no `/proc`.
    static func current() -> ProcessStatistics? {
        guard let own = text("/proc/self/stat"), let system = text("/proc/stat"),
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        return ProcessStatistics(
            own: own, system: system,
            // One of them is the descriptor that lists them.
            openFiles: files.count - 1,
            ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageSize: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Reads the figures from `/proc/self/stat` and `/proc/stat` (proc(5)).
    init?(own: String, system: String, openFiles: Int, ticksPerSecond: Int, pageSize: Int) {
        // The second field is the program's name in parentheses; it may hold spaces and parentheses itself.
        guard ticksPerSecond > 0, let nameEnd = own.lastIndex(of: ")") else { return nil }
        let fields = own[own.index(after: nameEnd)...].split(whereSeparator: \.isWhitespace)
        // Counted from the third field, the state.
        guard fields.count > 21, let userTicks = Int(fields[11]), let systemTicks = Int(fields[12]),
            let startTicks = Int(fields[19]), let pages = Int(fields[21]), let bootTime = Self.bootTime(in: system)
        else { return nil }
        startTime = Double(bootTime) + Double(startTicks) / Double(ticksPerSecond)
        residentBytes = pages * pageSize
        cpuSeconds = Double(userTicks + systemTicks) / Double(ticksPerSecond)
        self.openFiles = openFiles
    }

    private static func bootTime(in system: String) -> Int? {
        let prefix = "btime "
        let line = system.split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line.flatMap { Int($0.dropFirst(prefix.count)) }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    func expose(to text: inout ExpositionText) {
        func write(_ name: String, _ kind: Metric.Kind, _ help: String, _ value: Double) {
            text.header(name, kind, help: help)
            text.sample(name, .none, MetricSyntax.number(value))
        }
        write("process_cpu_seconds_total", .counter, "User and system time the process spent.", cpuSeconds)
        write("process_open_fds", .gauge, "File descriptors that are open.", Double(openFiles))
        write("process_resident_memory_bytes", .gauge, "Memory of the process in RAM.", Double(residentBytes))
        write("process_start_time_seconds", .gauge, "Start of the process, since 1970.", startTime)
    }
}
