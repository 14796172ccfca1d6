import Hummingbird
import SheafEngine

/// A recipient's notifications and events, and what is kept about the recipient at all.
struct RecipientsController: Sendable {
    let operations: Operations

    @Sendable
    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        try .document(
            await operations.notifications(
                of: context.recipient(), after: request.query("after"), limit: request.number("limit"),
                unreadOnly: request.flag("unread")))
    }

    @Sendable
    func events(_ request: Request, _ context: APIContext) async throws -> Response {
        try .document(
            await operations.events(
                of: context.recipient(), after: request.query("after"), limit: request.number("limit")))
    }

    @Sendable
    func markRead(_: Request, _ context: APIContext) async throws -> Response {
        try await operations.markRead(context.pathPart("notification"), of: context.recipient())
        return .noContent
    }

    @Sendable
    func markAllRead(_: Request, _ context: APIContext) async throws -> Response {
        try await operations.markAllRead(of: context.recipient())
        return .noContent
    }

    @Sendable
    func erase(_: Request, _ context: APIContext) async throws -> Response {
        try await operations.erase(recipient: context.recipient())
        return .noContent
    }
}
