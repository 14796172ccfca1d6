import HTTPTypes
import Hummingbird
import NIOCore
import SheafCore

/// An error as clients see it: `{"error":{"code","message","field"?}}`.
struct APIError: Error, Hashable {
    let status: HTTPResponse.Status
    /// A stable code.
    let code: String
    let message: String
    var field: String?
    /// All mistakes with their places, if there is more than the message.
    var mistakes: [String] = []
    /// The methods that the path supports.
    var allow: String?
    /// The compressions that a body may have (RFC 9110, section 15.5.16).
    var acceptEncoding: String?
    /// How to send a sufficient token (RFC 6750, section 3).
    var challenge: String?
    /// Whole seconds to wait before a retry.
    var retryAfter: Int64?
    /// Whether the rest of the request is not read, so that the connection must be closed.
    var closesConnection = false

    static let notFound = APIError(status: .notFound, code: "not_found", message: "there is nothing at this path")
    static func unauthorized(isTokenShown: Bool) -> APIError {
        APIError(
            status: .unauthorized, code: "unauthorized",
            message: isTokenShown
                ? "this token is not known" : "this needs a token, as in: Authorization: Bearer TOKEN",
            challenge: "Bearer realm=\"sheaf\"" + (isTokenShown ? ", error=\"invalid_token\"" : ""))
    }

    static func forbidden(_ scope: AccessToken.Scope) -> APIError {
        APIError(
            status: .forbidden, code: "forbidden", message: "this needs a token with the scope \(scope.rawValue)",
            challenge: "Bearer realm=\"sheaf\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\"")
    }

    static let internalError = APIError(
        status: .internalServerError, code: "internal", message: "something went wrong; the log has more")
    static let brokenOff = APIError(
        status: .badRequest, code: "invalid", message: "the request's body ended too early", closesConnection: true)

    static func tooLarge(_ bytes: Int) -> APIError {
        APIError(
            status: .contentTooLarge, code: SheafError.Code.tooLarge.rawValue,
            message: "a request's body has at most \(bytes) bytes", closesConnection: true)
    }

    static func tooSlow(_ timeout: Duration) -> APIError {
        APIError(
            status: .requestTimeout, code: "timeout", message: "the request's body did not come within \(timeout.text)",
            closesConnection: true)
    }

    static func unsupportedMediaType(_ message: String) -> APIError {
        APIError(status: .unsupportedMediaType, code: "unsupported_media_type", message: message)
    }

    static func methodNotAllowed(allow: String) -> APIError {
        APIError(
            status: .methodNotAllowed, code: "method_not_allowed", message: "this path answers to \(allow)",
            allow: allow)
    }
}

extension APIError {
    init(_ error: SheafError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .invalid, .unknownType, .badPayload: .badRequest
            case .tooLarge: .contentTooLarge
            case .notFound: .notFound
            case .conflict, .alreadyEnded: .conflict
            case .unavailable, .overloaded, .storage: .serviceUnavailable
            case .upstream, .refused: .badGateway
            }
        self.init(status: status, code: error.code.rawValue, message: error.message, field: error.field)
        if status == .serviceUnavailable { retryAfter = Self.wholeSeconds(error.retryAfter) }
    }

    /// The error of a body that was valid JSON: 422 instead of 400 if the error names a field.
    init(ofReadable error: SheafError) {
        let other = APIError(error)
        guard other.status == .badRequest, error.field != nil else {
            self = other
            return
        }
        self.init(
            status: .unprocessableContent, code: other.code, message: other.message, field: other.field)
    }

    /// At least one second, which is also the value if the error names no wait.
    private static func wholeSeconds(_ duration: Duration?) -> Int64 {
        guard let duration, duration > .seconds(1) else { return 1 }
        let (seconds, rest) = duration.components
        return rest > 0 ? seconds + 1 : seconds
    }
}

extension APIError {
    /// The body of the response.
    var json: ByteBuffer {
        var json = JSONText()
        json.add("{\"error\":")
        json.add(error: self)
        json.add("}")
        return json.buffer
    }

    /// The response.
    var response: Response {
        var response = Response(status: status, json: json)
        if let allow { response.headers[.allow] = allow }
        if let acceptEncoding { response.headers[.acceptEncoding] = acceptEncoding }
        if let challenge { response.headers[.wwwAuthenticate] = challenge }
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if closesConnection { response.headers[.connection] = "close" }
        return response
    }
}
