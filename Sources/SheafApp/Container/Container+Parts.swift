public import AsyncHTTPClient
import NIOCore
import ServiceCalls
public import SheafCore
public import SheafEngine
import SheafGateway
public import SheafObservability

// The parts of the program, each built from others.

extension Container {
    public var metricsRegistry: PrometheusRegistry {
        get async throws { try await part { PrometheusRegistry.bootstrap() } }
    }

    /// For the sales and items services, traces and the doctor.
    public var httpClient: HTTPClient {
        get async throws {
            // They may all have the same address.
            try await httpClient(inFlight: 2 * ServiceOptions().inFlight + 2)
        }
    }

    /// For the gateway only, so that nothing else uses its connections.
    public var gatewayClient: HTTPClient {
        get async throws {
            // On one event loop a request changes threads only at its beginning and end.
            try await httpClient(inFlight: settings.gateway.maxInFlight, on: HTTPClient.defaultEventLoopGroup.any())
        }
    }

    /// For the services of declared types.
    var hookClient: HTTPClient {
        get async throws { try await httpClient(inFlight: ServiceOptions().inFlight) }
    }

    private func httpClient(
        _ name: String = #function, inFlight: Int, on loops: any EventLoopGroup = HTTPClient.defaultEventLoopGroup
    ) async throws -> HTTPClient {
        try await part(name, close: { try await $0.shutdown() }) {
            HTTPClient(
                eventLoopGroupProvider: .shared(loops),
                configuration: HTTPGateway.clientConfiguration(inFlight: inFlight))
        }
    }

    public var gateway: any Gateway {
        get async throws {
            try await part(as: (any Gateway).self) {
                switch settings.gateway.url {
                case .console: return ConsoleGateway()
                case .http(let url):
                    return try await HTTPGateway(
                        url: url, secret: settings.gateway.secret.map { try SigningSecret($0.exposed) },
                        timeout: settings.gateway.timeout, client: gatewayClient, propagator: tracing?.tracer)
                }
            }
        }
    }

    /// The engine with the parts that this process's roles need.
    public func engine(_ roles: Set<Role>) async throws -> Engine {
        try await part {
            var options = Engine.Options()
            options.gatewayAttempts = settings.gateway.maxAttempts
            options.gatewayInFlight = settings.gateway.maxInFlight
            options.digest.lease = settings.debouncer.lease
            options.retention = settings.retention
            options.maxPending = settings.ingest.maxPending
            options.maxBacklog = settings.ingest.maxBacklog
            var parts: Engine.Parts = []
            if roles.contains(.service) { parts.insert(.scheduling) }
            if roles.contains(.qaas) { parts.insert(.consuming) }
            if roles.contains(.databus) { parts.insert(.databus) }
            let ports = try await Engine.Ports(
                catalog: catalog, store: store, debouncer: debouncer, queue: queue,
                databus: roles.contains(.databus) ? databus : nil, lock: lock, gateway: gateway, clock: clock,
                tracer: tracing?.tracer)
            return try await Engine(ports, parts: parts, options: options, logger: logger)
        }
    }

    /// The operations for the command line, without an engine.
    public var operations: Operations {
        get async throws {
            try await part {
                try await Operations(
                    store: store, debouncer: debouncer, catalog: catalog, clock: clock,
                    defaults: settings.recipientDefaults)
            }
        }
    }
}
