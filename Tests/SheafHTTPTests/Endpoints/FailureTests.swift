import HTTPTypes
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("Failing parts")
struct FailureTests {
    @Test("If windows cannot be reached, the response is 503 in the error's form")
    func brokenDebouncer() async throws {
        let site = try Site()
        let api = site.api(operations: site.operations(debouncer: BrokenDebouncer()))
        try await site.test(api) { client async throws in
            for (method, path) in [
                (HTTPRequest.Method.get, "/v1/windows"), (.post, "/v1/windows/sale_item_changed:42:7/flush"),
                (.get, "/v1/stats"), (.delete, "/v1/recipients/42"),
            ] {
                let answer = try await client.send(method, path)
                #expect(answer.status == .serviceUnavailable)
                #expect(answer.headers[.retryAfter] == "1")
                #expect(
                    try answer.json == [
                        "error": ["code": "unavailable", "message": "the windows cannot be reached"]
                    ])
            }
        }
    }

    @Test("A request that is cancelled by the shutdown is answered 503")
    func cancelled() async throws {
        let site = try Site()
        site.intake.fail(CancellationError())
        try await site.test { client async throws in
            let answer = try await client.publish(PublishTests.event)
            #expect(answer.status == .serviceUnavailable)
            #expect(try answer.errorCode == "unavailable")
        }
    }

    @Test("Each code of an error has its status", arguments: SheafError.Code.allCases)
    func statuses(code: SheafError.Code) {
        let status: HTTPResponse.Status =
            switch code {
            case .invalid, .unknownType, .badPayload: .badRequest
            case .notFound: .notFound
            case .conflict, .alreadyEnded: .conflict
            case .tooLarge: .contentTooLarge
            case .upstream, .refused: .badGateway
            case .unavailable, .overloaded, .storage: .serviceUnavailable
            }
        let error = APIError(SheafError(code, field: "data.x", "is wrong"))
        #expect(error.status == status)
        #expect(error.code == code.rawValue)
        #expect(error.field == "data.x")
        #expect((error.retryAfter != nil) == (status == .serviceUnavailable))
    }
}
