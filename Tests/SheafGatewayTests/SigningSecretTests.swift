import Foundation
import SheafCore
import Testing

@testable import ServiceCalls

@Suite("Signing secrets")
struct SigningSecretTests {
    @Test("The specification's example has the expected signature")
    func example() throws {
        // https://github.com/standard-webhooks/standard-webhooks, the test vector its libraries share.
        let secret = try SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", body: Data(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("Keys of any length are accepted, with padding and without", arguments: 1...65)
    func lengths(count: Int) throws {
        let text = "whsec_" + Data(repeating: 0xFB, count: count).base64EncodedString()
        let padded = try SigningSecret(text)
        let bare = try SigningSecret(text.filter { $0 != "=" })
        let signatures = [padded, bare].map { $0.signature(id: "a", timestamp: "1", body: Data()) }
        #expect(signatures[0] == signatures[1])
    }

    @Test(
        "Anything else is refused without being shown",
        arguments: [
            "", "whsec_", "hunter2", "WHSEC_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "whsec_hunter2!", "whsec_!!!!sBQIhrscChlQIMV+b5sSYspob7oD", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD=",
            "whsec_C2FVsBQIhrscChlQIMV-b5sSYspob7oD", " whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n",
        ])
    func refused(text: String) throws {
        let error = try #require(throws: SheafError.self) { try SigningSecret(text) }
        #expect(error.code == .invalid)
        #expect(error.field == "gateway.secret")
        #expect(!error.description.contains("hunter2") && !error.description.contains("C2FV"))
    }

    @Test("Nothing that prints a secret shows it")
    func hidden() throws {
        let secret = try SigningSecret(Samples.secret)
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(!text.contains("C2FV"), "\(text)")
            #expect(text.contains("whsec_…"), "\(text)")
        }
    }
}
