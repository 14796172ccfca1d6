import Foundation
import Logging
import Loyalty
import SheafCore
import SheafEngine
import SheafGateway
import SheafSQLite

/// A store in a folder of its own with an engine on it, as a program has them, and a gateway that takes everything.
struct Workbench {
    let engine: Engine
    let store: SQLiteStore
    let debouncer: SQLiteDebouncer
    let catalog: EventCatalog
    let clock = SteadyClock()
    private let folder: URL

    /// - Parameter window: the length of the windows of `sale_item_changed`.
    init(window: Duration, gateway: any Gateway = NullGateway()) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let database = try SQLiteDatabase(path: folder.appending(path: "bench.db").path, clock: clock)
        store = SQLiteStore(database)
        debouncer = SQLiteDebouncer(database)
        try await store.migrate()
        let types = LoyaltyCatalog.types(language: .russian, services: LoyaltyServices())
        catalog = try EventCatalog(types).delivering { type in
            type.delivery == .immediate ? .immediate : .debounced(WindowPolicy(length: window))
        }
        var logger = Logger(label: "sheaf.bench")
        logger.logLevel = .error
        engine = try await Engine(
            Engine.Ports(catalog: catalog, store: store, debouncer: debouncer, gateway: gateway, clock: clock),
            logger: logger)
    }

    /// Runs the engine beside `body`, and removes everything afterwards.
    func use<Result: Sendable>(_ body: (Workbench) async throws -> Result) async throws -> Result {
        let running = Task { try await engine.run() }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        await store.close()
        try? FileManager.default.removeItem(at: folder)
        return try result.get()
    }

    /// Event `number` of a stream with ten events a window, as a producer would send it.
    static func event(_ number: Int) -> IncomingEvent {
        IncomingEvent(
            source: "bench", producerID: "event-\(1_000_000_000 + number)", type: "sale_item_changed",
            recipient: Int64(number / 10), data: #"{"sale_id":\#(number / 10 % 1000),"item_id":\#(number)}"#)
    }
}

/// What this process has used so far.
enum Usage {
    /// CPU time in seconds.
    static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// Resident memory in MiB.
    static var resident: Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").compactMap { Double($0) }.first ?? 0) / 1024
    }
}
