import Logging
import SheafCore
import SheafKafka

/// The requirements of a start: every server that the roles need must be reachable.
struct Startup: Sendable {
    let container: Container
    let roles: Set<Role>
    let logger: Logger

    /// Waits for the servers, up to `startup.timeout`, and prepares them.
    ///
    /// - Throws: ``SheafError`` `unavailable` if one cannot be reached, `storage` or `invalid` if one cannot be used.
    func prepare() async throws {
        let start = ContinuousClock.now
        try await migrateStore(since: start)
        if let debouncer = try await container.debouncerDriver {
            let check = try await reaching(since: start) { try await debouncer.check() }
            for warning in check.warnings { logger.warning("\(debouncer.name): \(warning)") }
        }
        for url in Set(container.settings.brokers(of: roles).map(\.url)) {
            try await reaching(since: start) { _ = try await container.brokers(url) }
        }
    }

    fileprivate func migrateStore(since start: ContinuousClock.Instant) async throws {
        try await reaching(since: start) { try await container.store.migrate() }
    }

    /// Runs `body` until it reaches its server.
    private func reaching<Result>(
        since start: ContinuousClock.Instant, _ body: () async throws -> Result
    ) async throws -> Result {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as SheafError where error.code == .unavailable {
                let delay = RetryPolicy.startup.delay(after: attempt)
                guard ContinuousClock.now - start + delay < container.settings.startup.timeout else { throw error }
                logger.warning("waiting for a server", metadata: ["error": "\(error)"])
                try await Task.sleep(for: delay)
                attempt += 1
            }
        }
    }
}

extension Container {
    /// Waits for the store, up to `startup.timeout`, and brings its schema up to date.
    ///
    /// - Throws: ``SheafError`` `unavailable` if it cannot be reached, `storage` or `invalid` if it cannot be used.
    public func migrateStore() async throws {
        try await Startup(container: self, roles: [], logger: logger).migrateStore(since: .now)
    }

    /// The brokers that are up.
    /// - Throws: ``SheafError`` `unavailable` if none responds.
    func brokers(_ url: KafkaURL) async throws -> [String] {
        try await kafkaAdmin(url).check()
    }

    private func kafkaAdmin(_ url: KafkaURL) async throws -> KafkaAdmin {
        try await part("kafkaAdmin \(url)", close: { await $0.close() }) {
            try KafkaAdmin(kafkaOptions(url), logger: logger)
        }
    }
}
