import Hummingbird
import SheafCore
import SheafEngine

/// A recipient's notifications, events and settings, and the erasure of all of them.
struct RecipientsController: Sendable {
    /// The maximum bytes of a recipient's settings.
    private static let settingsLimit = 64 << 10

    private let operations: Operations
    private let bodies: BodyCollector

    init(operations: Operations, bodies: BodyCollector) {
        self.operations = operations
        self.bodies = bodies.limited(to: Self.settingsLimit)
    }

    @Sendable
    func show(_: Request, _ context: APIContext) async throws -> Response {
        try .document(await operations.recipient(context.recipient()))
    }

    @Sendable
    func describe(_ request: Request, _ context: APIContext) async throws -> Response {
        let recipient = try context.recipient()
        let headers = EventHeaders(request.headers)
        guard case .json = try headers.format() else {
            throw APIError.unsupportedMediaType("expected application/json")
        }
        return try await bodies.withBody(of: request, headers.coding(), from: context.channel) { body in
            var body = body
            body.removeByteOrderMark()
            do {
                return try .document(await operations.describe(recipient, RecipientChange(json: body)))
            } catch let error as SheafError where error.code == .invalid && error.field != nil {
                // The body is valid JSON, but holds something that cannot be applied.
                throw APIError(
                    status: .unprocessableContent, code: error.code.rawValue, message: error.message,
                    field: error.field)
            }
        }
    }

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
