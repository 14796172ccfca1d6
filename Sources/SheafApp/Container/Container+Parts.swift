public import AsyncHTTPClient
import Loyalty
public import SheafCore
public import SheafEngine
import SheafGateway
public import SheafObservability
import SheafPostgres

// The parts of the program, each in terms of others.

extension Container {
    /// This process's clock; on PostgreSQL it follows the server's.
    public var clock: any TimeSource {
        get throws {
            try part(as: (any TimeSource).self) {
                if case .postgres = settings.store.url { try postgres.clock } else { SteadyClock() }
            }
        }
    }

    public var metricsRegistry: PrometheusRegistry { get throws { try part { PrometheusRegistry.bootstrap() } } }

    public var catalog: EventCatalog {
        get throws {
            try part {
                let services = LoyaltyServices(
                    salesURL: settings.sales.url, itemsURL: settings.items.url, client: try httpClient, time: try clock)
                let types = LoyaltyCatalog.types(language: settings.locale, services: services)
                return try EventCatalog(types).delivering { type in
                    settings.types[type.name]?.policy(over: type.delivery) ?? type.delivery
                }
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
                    return HTTPGateway(
                        url: url, secret: try settings.gateway.secret.map { try SigningSecret($0.exposed) },
                        timeout: settings.gateway.timeout, client: try httpClient,
                        propagator: try tracing?.tracer)
                }
            }
        }
    }

    /// The parts of the engine that the roles of this process need.
    public func engine(_ roles: Set<Role>) async throws -> Engine {
        try await asyncPart {
            var options = Engine.Options()
            options.gatewayAttempts = self.settings.gateway.maxAttempts
            options.closer.lease = self.settings.debouncer.lease
            options.retention = self.settings.retention
            options.maxPending = self.settings.ingest.maxPending
            options.maxBacklog = self.settings.ingest.maxBacklog
            var parts: Engine.Parts = []
            if roles.contains(.service) { parts.insert(.scheduling) }
            if roles.contains(.qaas) { parts.insert(.consuming) }
            if roles.contains(.databus) { parts.insert(.databus) }
            let ports = Engine.Ports(
                catalog: try self.catalog, store: try self.store, debouncer: try self.debouncer,
                queue: try self.queue, databus: roles.contains(.databus) ? try self.databus : nil,
                lock: try self.lock, gateway: try self.gateway, clock: try self.clock,
                tracer: try self.tracing?.tracer)
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
