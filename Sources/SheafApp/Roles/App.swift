public import Logging
public import ServiceLifecycle
import SheafCore
import SheafEngine
import SheafHTTP
import SheafObservability
import SheafSQLite

/// The program: the roles it was given, on the parts that the configuration names.
public struct App: Sendable {
    public let container: Container
    private let roles: Set<Role>
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameter onBound: called with the port of the API once connections are taken.
    public init(
        container: Container, roles: Set<Role>, logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.container = container
        self.roles = roles
        self.logger = logger
        self.onBound = onBound
    }

    /// Opens what the roles need, and answers the services to run, in the order of their dependence: the last is to be
    /// shut down first.
    ///
    /// - Throws: ``SheafError`` `invalid` where the configuration asks for what there is not, `unavailable` or `storage`
    ///   where the store cannot be used.
    public func services() async throws -> [any Service] {
        if roles.contains(.databus) {
            throw SheafError(.invalid, field: "databus.url", "the databus is not built into this version")
        }
        // Better no protection than one that is believed in: until tokens are checked, nothing but loopback is bound.
        guard container.settings.http.tokens.isEmpty else {
            throw SheafError(.invalid, field: "http.tokens", "access tokens are not built into this version")
        }
        let registry = try container.metricsRegistry
        try await container.store.migrate()
        try await takeOver()
        let engine = try await container.engine(roles)
        var services: [any Service] = [engine]
        if roles.contains(.service) {
            let operations = Operations(
                store: try container.store, debouncer: try container.debouncer, catalog: try container.catalog,
                clock: try container.clock, counts: engine.counters)
            let api = API(
                intake: engine.ingest, operations: operations, readiness: try readiness(engine),
                metrics: { registry.exposition() }, clock: try container.clock)
            let http = container.settings.http
            services.append(
                HTTPServer(api, host: http.host, port: http.port, logger: logger) { [logger, onBound] port in
                    // Told at any level: with port 0 nothing else tells it.
                    logger.log(
                        level: max(.notice, logger.logLevel), "listening",
                        metadata: ["host": "\(http.host)", "port": "\(port)"])
                    await onBound(port)
                })
        }
        return services
    }

    /// Where windows live in SQLite, this process alone binds them, and what a killed one had claimed is free at once.
    private func takeOver() async throws {
        guard case .sqlite(let path) = container.settings.store.url,
            let debouncer = try container.debouncer as? SQLiteDebouncer
        else { return }
        try container.soleOwner(of: path)
        try await debouncer.recover()
    }

    private func readiness(_ engine: Engine) throws -> [ReadinessCheck] {
        let store = try container.store
        let debouncer = try container.debouncer
        return [
            ReadinessCheck("store") {
                _ = try await store.deadLetters(after: nil, limit: 1)
                return PartReadiness(ready: true, detail: "reads")
            },
            ReadinessCheck("debouncer") {
                _ = try await debouncer.openWindows(after: nil, limit: 1)
                return PartReadiness(ready: true, detail: "reads")
            },
            ReadinessCheck("consumers") {
                let failed = engine.supervisors.filter { $0.failure != nil }.map(\.name)
                return PartReadiness(
                    ready: failed.isEmpty,
                    detail: failed.isEmpty
                        ? "\(engine.supervisors.count) run" : "failing: " + failed.joined(separator: ", "))
            },
        ]
    }
}

extension Container {
    fileprivate func soleOwner(of path: String) throws {
        _ = try part("soleOwner", as: SoleOwner.self, close: { $0.release() }) { try SoleOwner(path: path) }
    }
}
