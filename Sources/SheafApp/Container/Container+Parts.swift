public import AsyncHTTPClient
import Loyalty
public import SheafCore
public import SheafEngine
import SheafGateway
public import SheafObservability
public import SheafSQLite

// The parts of the program, each in terms of others.

extension Container {
    /// The clock that windows run on.
    public var clock: any TimeSource { get throws { try part(as: (any TimeSource).self) { SteadyClock() } } }

    public var metricsRegistry: PrometheusRegistry { get throws { try part { PrometheusRegistry.bootstrap() } } }

    public var catalog: EventCatalog {
        get throws {
            try part {
                let services = try LoyaltyServices(
                    salesURL: settings.sales.url?.text, itemsURL: settings.items.url?.text, client: httpClient,
                    time: clock)
                let types = LoyaltyCatalog.types(language: settings.locale, services: services)
                return try EventCatalog(types).delivering { type in
                    settings.types[type.name]?.policy(over: type.delivery) ?? type.delivery
                }
            }
        }
    }

    public var database: SQLiteDatabase {
        get throws {
            try part(close: { await $0.close() }) {
                guard case .sqlite(let path) = settings.store.url else {
                    throw SheafError(.invalid, field: "store.url", "PostgreSQL is not built into this version")
                }
                return try SQLiteDatabase(
                    path: path, synchronous: settings.store.synchronous == .full ? .full : .normal, clock: clock)
            }
        }
    }

    public var store: any EventStore {
        get throws { try part(as: (any EventStore).self) { SQLiteStore(try database) } }
    }

    public var debouncer: any Debouncer {
        get throws {
            try part(as: (any Debouncer).self) {
                guard case .store = settings.debouncer.url else {
                    throw SheafError(.invalid, field: "debouncer.url", "Redis is not built into this version")
                }
                return SQLiteDebouncer(try database)
            }
        }
    }

    public var httpClient: HTTPClient {
        get throws {
            try part(close: { try await $0.shutdown() }) {
                HTTPClient(eventLoopGroupProvider: .singleton, configuration: HTTPGateway.clientConfiguration)
            }
        }
    }

    public var gateway: any Gateway {
        get throws {
            try part(as: (any Gateway).self) {
                switch settings.gateway.url {
                case .console: return ConsoleGateway()
                case .http(let url):
                    return try HTTPGateway(
                        url: url.text, secret: try settings.gateway.secret.map { try SigningSecret($0.exposed) },
                        timeout: settings.gateway.timeout, client: httpClient)
                }
            }
        }
    }

    /// The parts of the engine that the roles of this process need.
    public func engine(_ roles: Set<Role>) async throws -> Engine {
        try await asyncPart {
            guard case .store = self.settings.queue.url else {
                throw SheafError(.invalid, field: "queue.url", "Kafka is not built into this version")
            }
            var options = Engine.Options()
            options.gatewayAttempts = self.settings.gateway.maxAttempts
            options.maxPending = self.settings.ingest.maxPending
            options.maxBacklog = self.settings.ingest.maxBacklog
            var parts: Engine.Parts = []
            if roles.contains(.service) { parts.insert(.scheduling) }
            if roles.contains(.qaas) { parts.insert(.consuming) }
            let ports = Engine.Ports(
                catalog: try self.catalog, store: try self.store, debouncer: try self.debouncer,
                gateway: try self.gateway, clock: try self.clock)
            return try await Engine(ports, parts: parts, options: options, logger: self.logger)
        }
    }

    /// What the command line asks for, without an engine.
    public var operations: Operations {
        get throws {
            try part { Operations(store: try store, debouncer: try debouncer, catalog: try catalog, clock: try clock) }
        }
    }
}
