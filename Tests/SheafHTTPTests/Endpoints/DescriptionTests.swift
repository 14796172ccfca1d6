import HTTPTypes
import Hummingbird
import SheafCore
import Testing

@testable import SheafHTTP

@Suite("The OpenAPI description", .timeLimit(.minutes(1)))
struct DescriptionTests {
    private func description(tokens: [AccessToken]) async throws -> (api: API, json: JSON) {
        let site = try Site()
        let api = API(
            intake: site.intake, operations: site.operations(), metrics: { "" }, clock: site.clock, tokens: tokens,
            types: site.types)
        return (api, try await site.test(api) { client in try await client.get("/openapi.json").json })
    }

    @Test("It lists exactly the endpoints, each with its scope")
    func endpoints() async throws {
        let (api, json) = try await description(tokens: AccessTests.tokens)
        #expect(json["openapi"]?.text == "3.1.0")
        var described: [String: String] = [:]
        for (path, operations) in json["paths"]?.members ?? [:] {
            for (method, operation) in operations.members {
                let scope = operation["security"]?.elements.first?["token"]?.elements.first?.text
                described["\(method.uppercased()) \(path)"] = scope ?? "none"
            }
        }
        let pairs = api.endpoints.map { ("\($0.method.rawValue) \($0.path)", $0.scope?.rawValue ?? "none") }
        #expect(described == Dictionary(uniqueKeysWithValues: pairs))
    }

    @Test("Without tokens it requires none")
    func open() async throws {
        let (_, json) = try await description(tokens: [])
        for operations in json["paths"]?.members.values.map(\.members) ?? [] {
            for operation in operations.values { #expect(operation["security"] == nil) }
        }
    }
}
