import SheafCore
import SheafTesting
import Testing

@testable import SheafEngine

@Suite("Writing documents")
struct DocumentEncoderTests {
    private struct Pair: Encodable {
        let first: RawJSON
        let text: String
        let list: [RawJSON]
    }

    @Test("Raw JSON is written unchanged, anywhere and any number of times", arguments: [false, true])
    func raw(isPretty: Bool) throws {
        let first = "{\"a\" : 1.50,\n \"a\":[\"\\/\", 123456789012345678901234567890]}"
        let pair = Pair(
            first: RawJSON(text: first), text: "a/b \"raw-1-2-0\"", list: (0..<12).map { RawJSON(text: "\($0).0") })
        let text = String(decoding: try DocumentEncoder(isPretty: isPretty).encode(pair), as: UTF8.self)
        #expect(text.contains(first))
        #expect(text.contains(#""a/b \"raw-1-2-0\"""#))
        #expect(text.contains("0.0"))
        #expect(text.contains("11.0"))
        #expect(!text.contains("\"1"))
        #expect(text.contains("\n  ") == isPretty)
    }
}
