import HTTPTypes
import Hummingbird
import Logging
import SheafCore

/// Answers every failure in the API's form, and shows clients no internal details.
struct ErrorMiddleware: RouterMiddleware {
    let endpoints: [Endpoint]

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let error = apiError(error, request, context)
            // A response to HEAD has no body, whatever its status (RFC 9110, section 9.3.2).
            return request.method == .head ? error.response.createHeadResponse() : error.response
        }
    }

    private func apiError(_ error: any Error, _ request: Request, _ context: APIContext) -> APIError {
        switch error {
        case let error as APIError: return error
        case let error as SheafError:
            if error.code == .storage {
                context.logger.error("A request failed", metadata: ["error": "\(error)"])
            }
            return APIError(error)
        case is CancellationError: return APIError(SheafError(.unavailable, "the program is shutting down"))
        case let error as HTTPError where error.status == .notFound: return unrouted(request)
        default:
            // Log only its type: an unknown error's text may hold anything.
            context.logger.error(
                "A request failed",
                metadata: ["error": "\(type(of: error))", "path": "\(context.endpointPath ?? "none")"])
            return .internalError
        }
    }

    /// No endpoint has the request's path and method; another method may exist for the path.
    private func unrouted(_ request: Request) -> APIError {
        let methods = endpoints.filter { $0.matches(path: request.uri.path) }.map(\.method)
        guard !methods.isEmpty else { return .notFound }
        let names = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }
        return .methodNotAllowed(allow: names.joined(separator: ", "))
    }
}
