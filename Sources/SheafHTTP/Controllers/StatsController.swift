import Hummingbird
import SheafEngine

/// Sheaf's statistics.
struct StatsController: Sendable {
    let operations: Operations

    @Sendable
    func show(_: Request, _: APIContext) async throws -> Response {
        try .document(await operations.statistics())
    }
}
