import Hummingbird
import SheafEngine

/// The dead letters.
struct DeadLettersController: Sendable {
    let operations: Operations

    @Sendable
    func list(_ request: Request, _: APIContext) async throws -> Response {
        try .document(await operations.deadLetters(after: request.query("after"), limit: request.number("limit")))
    }

    @Sendable
    func redrive(_: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathPart("id")
        try await operations.redrive(id)
        return try .document(["id": id], status: .accepted)
    }
}
