import AsyncHTTPClient
import Logging
import Loyalty
import SheafCore
import SheafSandbox
import Testing

/// Checks that clients and sandbox use the same protocol.
@Suite struct SandboxTests {
    @Test func `the factory composes the sandbox's data`() async throws {
        let server = SandboxServer(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await server.run() }
            let url = try #require(HTTPURL("http://127.0.0.1:\(try await server.port)"))
            let services = LoyaltyServices(
                salesURL: url, itemsURL: url, client: .shared, options: patient, time: InstantTime())
            let ids = Array(Int64(-50)...200)
            let banned = try await services.sales.bannedItems(among: ids, in: 7)
            #expect(banned == Set(ids.filter { SandboxItem(id: $0).isBanned }))
            #expect(try await services.items.titles(of: [1001]) == [1001: SandboxItem(id: 1001).title])
        }
    }
}
