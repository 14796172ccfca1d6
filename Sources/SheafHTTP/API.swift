import HTTPTypes
import Hummingbird
public import SheafCore
public import SheafEngine

/// Everything the API needs.
public struct API: Sendable {
    /// The service behind the endpoints under `/v1`; `nil` if only the program's health is served.
    private let service: (intake: any EventIntake, operations: Operations, types: any TypeAdministration)?
    let readiness: Readiness
    let metrics: @Sendable () async -> String
    let clock: any TimeSource
    let limits: APILimits
    /// Set by the server when it begins to shut down.
    let draining = Draining()
    private let access: AccessControl

    /// - Parameters:
    ///   - readiness: the parts that must be ready before the program is.
    ///   - metrics: the metrics in Prometheus's text format.
    ///   - clock: used for time-outs.
    ///   - tokens: the accepted tokens. Without any, every request from this machine is allowed, except those from
    ///     pages of other sites.
    ///   - types: the types of notifications.
    public init(
        intake: any EventIntake, operations: Operations, readiness: [ReadinessCheck] = [],
        metrics: @escaping @Sendable () async -> String, clock: any TimeSource, limits: APILimits = APILimits(),
        tokens: [AccessToken] = [], types: any TypeAdministration
    ) {
        access = AccessControl(tokens: tokens)
        service = (intake, operations, types)
        self.readiness = Readiness(readiness, clock: clock)
        self.metrics = metrics
        self.clock = clock
        self.limits = limits
    }

    /// An API for the program's health only: `/healthz`, `/readyz` and `/metrics`.
    public init(
        healthOf readiness: [ReadinessCheck], metrics: @escaping @Sendable () async -> String, clock: any TimeSource,
        limits: APILimits = APILimits()
    ) {
        service = nil
        access = AccessControl(tokens: [])
        self.readiness = Readiness(readiness, clock: clock)
        self.metrics = metrics
        self.clock = clock
        self.limits = limits
    }

    /// All endpoints, each with the scope that its token needs.
    var endpoints: [Endpoint] {
        let health = HealthController(readiness: readiness, draining: draining, metrics: metrics)
        return (service.map { consoleEndpoints + serviceEndpoints($0.intake, $0.operations, $0.types) } ?? []) + [
            Endpoint(.get, "healthz", nil, health.live),
            Endpoint(.get, "readyz", nil, health.ready),
            Endpoint(.get, "metrics", nil, health.metrics),
        ]
    }

    private var consoleEndpoints: [Endpoint] {
        let console = ConsoleController()
        return [Endpoint(.get, "/", nil, console.page), Endpoint(.get, "console/{file}", nil, console.file)]
    }

    private func serviceEndpoints(
        _ intake: any EventIntake, _ operations: Operations, _ types: any TypeAdministration
    ) -> [Endpoint] {
        // One for all, so that bodies share the limit of what is held.
        let bodies = BodyCollector(
            limit: limits.bodyBytes, timeout: limits.bodyTimeout, budget: BodyBudget(limit: limits.bodyBytesHeld),
            clock: clock)
        let events = EventsController(
            intake: intake, operations: operations, types: types, bodies: bodies, maximumEvents: limits.events)
        let recipients = RecipientsController(operations: operations, bodies: bodies)
        let notifications = NotificationsController(operations: operations)
        let windows = WindowsController(operations: operations)
        let deadLetters = DeadLettersController(operations: operations)
        let typesController = TypesController(types: types, bodies: bodies)
        let stats = StatsController(operations: operations)
        let description = DescriptionController(needsTokens: !access.tokens.isEmpty)
        let stream = StreamController(operations: operations, clock: clock, limits: limits)
        return [
            Endpoint(.post, "v1/events", .publish, events.publish),
            Endpoint(.options, "v1/events", nil, events.permit),
            Endpoint(.get, "v1/events/{id}", .read, events.show),
            Endpoint(.post, "v1/events/{id}/retract", .publish, events.retract),
            Endpoint(.post, "v1/explain", .read, events.explain),
            Endpoint(.get, "v1/recipients/{id}/notifications", .read, recipients.list),
            Endpoint(.get, "v1/recipients/{id}/events", .read, recipients.events),
            Endpoint(.post, "v1/recipients/{id}/notifications/{notification}/read", .read, recipients.markRead),
            Endpoint(.post, "v1/recipients/{id}/notifications/read-all", .read, recipients.markAllRead),
            Endpoint(.get, "v1/recipients/{id}", .read, recipients.show),
            Endpoint(.patch, "v1/recipients/{id}", .admin, recipients.describe),
            Endpoint(.delete, "v1/recipients/{id}", .admin, recipients.erase),
            Endpoint(.get, "v1/notifications/{id}", .read, notifications.show),
            Endpoint(.get, "v1/windows", .admin, windows.list),
            Endpoint(.post, "v1/windows/{key}/flush", .admin, windows.flush),
            Endpoint(.get, "v1/dead-letters", .admin, deadLetters.list),
            Endpoint(.post, "v1/dead-letters/{id}/redrive", .admin, deadLetters.redrive),
            Endpoint(.get, "v1/types", .read, typesController.list),
            Endpoint(.post, "v1/types/{name}/preview", .read, typesController.preview),
            Endpoint(.post, "v1/reload", .admin, typesController.reload),
            Endpoint(.get, "v1/stats", .read, stats.show),
            Endpoint(.get, "openapi.json", nil, description.show),
            Endpoint(.get, "v1/stream", .read, stream.open),
        ]
    }

    /// A router over the endpoints; every response has the API's form.
    /// - Parameter isSecure: whether clients connect over TLS.
    func router(isSecure: Bool = false) -> Router<APIContext> {
        let endpoints = endpoints
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders(isSecure: isSecure))
        router.add(middleware: ErrorMiddleware(endpoints: endpoints))
        router.add(middleware: RequestLimiter(limit: limits.concurrentRequests))
        for endpoint in endpoints {
            router.on(endpoint.path, method: endpoint.method, use: endpoint.guarded(by: access))
        }
        return router
    }
}
