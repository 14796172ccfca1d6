import HTTPTypes
import HummingbirdTesting
import Testing

@testable import SheafHTTP

@Suite("The console page")
struct ConsoleTests {
    @Test("The page and all files it names are served, under a strict policy")
    func files() async throws {
        try await Site().test { client async throws in
            var paths = ["/"]
            var served: [String] = []
            while let path = paths.popLast() {
                let answer = try await client.get(path)
                #expect(answer.status == .ok, "\(path)")
                #expect(answer.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; ") == true)
                served.append(path)
                let named =
                    answer.text.matches(of: /(?:href|src)="(\/[^"]+)"/).map { String($0.1) }
                    + answer.text.matches(of: /from "\.\/([^"]+)"/).map { "/console/\($0.1)" }
                paths += Set(named).subtracting(served + paths)
            }
            #expect(served.count == 17)
        }
    }

    @Test("An unknown file of the page is not found")
    func unknown() async throws {
        try await Site().test { client async throws in
            #expect(try await client.get("/console/other.js").status == .notFound)
        }
    }
}
