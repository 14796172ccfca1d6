import HTTPTypes
import Hummingbird
import SheafCore
import Synchronization

/// Refuses requests while too many are in progress.
///
/// Requests of orchestrators and Prometheus are always answered: a busy program is alive and must stay observable.
final class RequestLimiter: RouterMiddleware {
    typealias Context = APIContext

    private static let exempt: Set = ["/healthz", "/readyz", "/metrics"]

    private let limit: Int
    private let running = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if let path = context.endpointPath, Self.exempt.contains(path) { return try await next(request, context) }
        let before = running.add(1, ordering: .relaxed).oldValue
        defer { running.subtract(1, ordering: .relaxed) }
        guard before < limit else {
            throw SheafError(.overloaded, "more than \(limit) requests are being answered")
        }
        return try await next(request, context)
    }
}
