import Foundation
import HTTPTypes
import ServiceCalls
import SheafCore
import Testing

@testable import SheafGateway

/// Signatures checked by another implementation: PyPI's `standardwebhooks`.
@Suite("Standard Webhooks")
struct StandardWebhooksTests {
    struct Case: Encodable {
        var secret = Samples.secret
        var headers: [String: String]
        var body: String
    }

    static let isSkipped =
        ProcessInfo.processInfo.environment["SHEAF_TEST_SKIP"]?.contains("standardwebhooks") ?? false

    @Test(
        "PyPI's standardwebhooks accepts the requests, and refuses changed ones",
        .disabled(if: isSkipped, "SHEAF_TEST_SKIP names standardwebhooks"))
    func verification() async throws {
        let good = try await signedRequest()
        var wrongSecret = good
        wrongSecret.secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        var otherBody = good
        otherBody.body = good.body.replacing("\"event_count\":21", with: "\"event_count\":22")
        var otherID = good
        otherID.headers["webhook-id"] = "01935a00-0000-7001-8000-00000000002b"
        var otherTime = good
        otherTime.headers["webhook-timestamp"] = good.headers["webhook-timestamp"].flatMap(Int.init).map { "\($0 - 1)" }
        #expect(otherBody.body != good.body)

        let stale = try await signedRequest(age: .seconds(600))
        let cases = [good, wrongSecret, otherBody, otherID, otherTime, stale]
        #expect(try verify(cases) == [true, false, false, false, false, false])
    }

    private func signedRequest(age: Duration = .zero) async throws -> Case {
        try await RecordingServer.run { url, server in
            try await withClient { client in
                let gateway = HTTPGateway(
                    url: try #require(HTTPURL(url)), secret: try SigningSecret(Samples.secret), client: client,
                    wallClock: { .ofHost - age })
                _ = await gateway.send(Samples.notification(), type: "sale_item_changed")
            }
            let request = try #require(server.received.first)
            let headers = request.headers.map { ($0.name.canonicalName, $0.value) }
            return Case(headers: Dictionary(headers) { first, _ in first }, body: request.body)
        }
    }

    private func verify(_ cases: [Case]) throws -> [Bool] {
        let script = try #require(Bundle.module.url(forResource: "Resources/verify_webhooks", withExtension: "py"))
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(cases))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(
            process.terminationStatus != 3,
            """
            python3 finds no standardwebhooks: install it (python3 -m pip install standardwebhooks), \
            or name it in SHEAF_TEST_SKIP
            """)
        try #require(process.terminationStatus == 0, "the verifier failed; its complaint stands above")
        return try JSONDecoder().decode([Bool].self, from: answer)
    }
}
