import HTTPTypes
import Hummingbird
import SheafCore
import Synchronization

/// Turns requests away while too many are being answered.
///
/// Those of orchestrators and Prometheus are answered all the same: a busy program is alive, and is to be seen at work.
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
