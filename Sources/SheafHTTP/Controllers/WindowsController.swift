import Hummingbird
import SheafEngine

/// The open windows.
struct WindowsController: Sendable {
    let operations: Operations

    @Sendable
    func list(_ request: Request, _: APIContext) async throws -> Response {
        try .document(await operations.windows(after: request.query("after"), limit: request.number("limit")))
    }

    @Sendable
    func flush(_: Request, _ context: APIContext) async throws -> Response {
        let key = try context.pathPart("key")
        try await operations.flush(key)
        return try .document(["key": key], status: .accepted)
    }
}
