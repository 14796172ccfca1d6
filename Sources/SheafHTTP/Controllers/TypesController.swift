import Hummingbird
import SheafCore
import SheafEngine

/// The types of notifications.
struct TypesController: Sendable {
    let types: any TypeAdministration
    let bodies: BodyCollector

    @Sendable
    func list(_: Request, _: APIContext) async throws -> Response { try .document(types.list()) }

    @Sendable
    func preview(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try context.pathPart("name")
        let headers = EventHeaders(request.headers)
        guard case .json = try headers.format() else {
            throw APIError.unsupportedMediaType("expected application/json")
        }
        return try await bodies.withBody(of: request, headers.coding(), from: context.channel) { body in
            var body = body
            body.removeByteOrderMark()
            do {
                return try .document(await types.preview(name, PreviewRequest(json: body), for: nil))
            } catch let error as SheafError {
                throw APIError(ofReadable: error)
            }
        }
    }

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
