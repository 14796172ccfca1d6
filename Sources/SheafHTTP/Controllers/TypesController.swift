import Hummingbird
import SheafEngine

/// The types of notifications.
struct TypesController: Sendable {
    let types: any TypeAdministration

    @Sendable
    func list(_: Request, _: APIContext) async throws -> Response { try .document(types.list()) }

    @Sendable
    func reload(_: Request, _: APIContext) async throws -> Response {
        do {
            return try .document(await types.reload())
        } catch let error as TypeMistakes {
            throw APIError(error)
        }
    }
}

extension APIError {
    fileprivate init(_ mistakes: TypeMistakes) {
        self.init(status: .unprocessableContent, code: "invalid", message: mistakes.description)
        self.mistakes = mistakes.lines
    }
}
