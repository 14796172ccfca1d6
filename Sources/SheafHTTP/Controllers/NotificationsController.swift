import Hummingbird
import SheafEngine

/// Single notifications.
struct NotificationsController: Sendable {
    let operations: Operations

    @Sendable
    func show(_: Request, _ context: APIContext) async throws -> Response {
        try .document(await operations.notification(context.pathPart("id")))
    }
}
