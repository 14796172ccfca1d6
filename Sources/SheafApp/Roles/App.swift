public import Logging
public import ServiceLifecycle
import SheafCore
import SheafEngine
import SheafHTTP
import SheafObservability
import SheafTracing

/// The program: its roles, on the parts that the configuration names.
public struct App: Sendable {
    public let container: Container
    private let roles: Set<Role>
    private let logger: Logger
    private let reloading: Reloading
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - reloading: applies `types.folder` at SIGHUP.
    ///   - onBound: called with the API's port once connections are accepted.
    public init(
        container: Container, roles: Set<Role>, logger: Logger, reloading: Reloading,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.container = container
        self.roles = roles
        self.logger = logger
        self.reloading = reloading
        self.onBound = onBound
    }

    /// Opens the parts that the roles need, and returns the services to run in order of dependence: the last must be
    /// shut down first.
    ///
    /// - Throws: ``SheafError`` `invalid` if the configuration names something that does not exist, `unavailable` or
    ///   `storage` if a server cannot be used.
    public func services() async throws -> [any Service] {
        try checkConfiguration()
        let certificate = try container.serverCertificate()
        try await Startup(container: container, roles: roles, logger: logger).prepare()
        try await takeOver()
        try await startTypes()
        let (types, engine) = try await (container.types, container.engine(roles))
        let reload = BackgroundTask { [reloading, logger] in await reloading.run(types, logger: logger) }
        return try await backgroundTasks(engine) + [reload, engine, server(engine, certificate)]
    }

    private var http: Settings.HTTP { container.settings.http }

    private func checkConfiguration() throws(SheafError) {
        if roles.contains(.databus), container.settings.databus.url == nil {
            throw SheafError(.invalid, field: "databus.url", "the role databus needs the address of Kafka's brokers")
        }
        // This also covers settings that were created rather than loaded.
        guard !container.settings.http.tokens.isEmpty || ListenHost(http.host)?.isLoopback == true else {
            throw SheafError(.invalid, field: "http.tokens", "an address that others can reach needs tokens")
        }
    }

    /// Applies the declared types.
    ///
    /// - Throws: ``SheafError`` `invalid` if `types.folder` has a mistake, or this process lacks something that a type
    ///   needs.
    private func startTypes() async throws {
        do { try await container.types.start() } catch let error as TypeMistakes {
            let field = container.settings.typesFolder == nil ? "types.revision" : "types.folder"
            throw SheafError(.invalid, field: field, "cannot be used\n\(error)")
        }
    }

    /// If windows live in a file, only this process digests them: claims are in memory, so a killed process holds none.
    private func takeOver() async throws {
        guard let file = container.storeDriver.file, roles != [.databus] else { return }
        try await container.soleOwner(of: file)
        try await container.storeParts.takeOver?()
    }

    /// Tasks that check idle connections, report this process to others, and export traces.
    private func backgroundTasks(_ engine: Engine) async throws -> [any Service] {
        var tasks: [any Service] = []
        if let tracing = try await container.tracing { tasks.append(BackgroundTask { await tracing.exporter.run() }) }
        let types = try await container.types
        tasks.append(BackgroundTask { await types.run() })
        if let run = try await container.storeParts.run { tasks.append(BackgroundTask { await run() }) }
        if let debouncer = try await container.debouncerDriver {
            let clock = try await container.clock
            tasks.append(BackgroundTask { await debouncer.run(clock) })
        }
        if let reports = try await container.stageReports {
            let reporter = try await StageReporter(engine.counters, to: reports, clock: container.clock)
            tasks.append(BackgroundTask { await reporter.run() })
        }
        return tasks
    }

    /// The API or, in processes without the role `service`, the server for their health.
    private func server(_ engine: Engine, _ certificate: ServerCertificate?) async throws -> any Service {
        let registry = try await container.metricsRegistry
        let (readiness, clock) = try await (Health(container, roles, engine).checks, container.clock)
        var api = API(healthOf: readiness, metrics: { registry.exposition() }, clock: clock)
        if roles.contains(.service) {
            let operations = try await Operations(
                store: container.store, debouncer: container.debouncer, catalog: container.catalog,
                clock: clock, counts: engine.counters, reports: container.stageReports,
                defaults: container.settings.recipientDefaults,
                queueBacklog: engine.queueMonitor.map { monitor in { @Sendable in monitor.backlog } })
            api = API(
                intake: engine.ingest, operations: operations, readiness: readiness,
                metrics: { registry.exposition() }, clock: clock, tokens: http.tokens, types: try await container.types)
        }
        let port = roles.contains(.service) ? http.port : http.healthPort
        let shutdown = container.settings.shutdown
        return HTTPServer(
            api, host: http.host, port: port, certificate: certificate,
            // Work in progress needs the rest of the time. Without the API there is no load balancer to wait for.
            drain: roles.contains(.service) ? min(shutdown.drain, shutdown.timeout / 4) : .zero, logger: logger
        ) { [logger, onBound, http] port in
            // Logged at any level, since with port 0 nothing else shows the port. It is still no warning.
            var herald = logger
            herald.logLevel = min(.notice, logger.logLevel)
            herald.notice("listening", metadata: ["host": "\(http.host)", "port": "\(port)"])
            await onBound(port)
        }
    }
}

extension Container {
    /// `nil` if the API is served without TLS.
    /// - Throws: ``SheafError`` `invalid` if a file is missing or cannot be used.
    func serverCertificate() throws(SheafError) -> ServerCertificate? {
        switch (settings.http.tls.certificate, settings.http.tls.key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try ServerCertificate(certificate: certificate, key: key)
        case (nil, _): throw SheafError(.invalid, field: "http.tls.certificate", "http.tls.key needs its certificate")
        case (_, nil): throw SheafError(.invalid, field: "http.tls.key", "http.tls.certificate needs its key")
        }
    }

    fileprivate func soleOwner(of path: String) async throws {
        _ = try await part("soleOwner", as: SoleOwner.self, close: { $0.release() }) { try SoleOwner(path: path) }
    }
}
