import Foundation
import Testing

@testable import SheafCore

@Suite("Typed decoding")
struct JSONValueTests {
    @Test(
        "What is no JSON, or no good, is refused as a whole",
        arguments: [
            "", " ", "{", "[1,]", #"{"a":1,}"#, #"{"a"}"#, "{}{}", "[}", "01", "tru", #"{"a":"\uD800"}"#,
            #"["\u0000"]"#,
        ])
    func refused(text: String) throws {
        let error = try #require(throws: DecodingError.self) { try JSONValue(text: text) }
        guard case .dataCorrupted(let context) = error else { throw error }
        #expect(context.codingPath.isEmpty)
    }

    @Test("A number that does not fit is told of with its place")
    func place() throws {
        let value = try JSONValue(text: #"{"a":[1,{"b":1.5}]}"#)
        let error = try #require(throws: DecodingError.self) { try value.decode([String: [[String: Int]]].self) }
        guard case .typeMismatch(_, let context) = error else { throw error }
        #expect(context.codingPath.map(\.stringValue) == ["a", "Index 0"])
        let number = try #require(throws: DecodingError.self) {
            try JSONValue(text: #"{"a":[{"b":300}]}"#).decode([String: [[String: UInt8]]].self)
        }
        guard case .dataCorrupted(let context) = number else { throw number }
        #expect(context.codingPath.map(\.stringValue) == ["a", "Index 0", "b"])
    }

    @Test("Whole numbers are exact however they are written")
    func exact() throws {
        #expect(
            try JSONValue(text: "[9007199254740993.0,1e3,0e1,-0]").decode([Int64].self) == [
                9_007_199_254_740_993, 1000, 0, 0,
            ])
        for text in ["9007199254740993.5", "999999999999999999.5", "1e19", "0.5"] {
            #expect(throws: DecodingError.self) { try JSONValue(text: text).decode(Int64.self) }
        }
        #expect(try JSONValue(text: "0e1").decode(Double.self) == 0)
        #expect(try JSONValue(text: "[\(Int128.max)]").decode([Int128].self) == [.max])
        #expect(try JSONValue(text: #"{"a":\#(UInt128.max)}"#).decode([String: UInt128].self) == ["a": .max])
    }

    @Test("Names are told apart by their bytes and found by their meaning")
    func names() throws {
        let composed = "{\"\u{E9}\":1,\"e\u{301}\":2,\"\\u0061\":3}"
        let numbers = try JSONValue(text: composed).decode(Members.self)
        #expect(numbers.values == [1, 2, 3, nil])
        let many = composed.dropLast() + (0..<50).map { ",\"\($0)\":\($0)" }.joined() + "}"
        #expect(try JSONValue(text: String(many)).decode(Members.self).values == [1, 2, 3, nil])
    }

    private struct Members: Decodable {
        let values: [Int?]

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: JSONKey.self)
            values = try ["\u{E9}", "e\u{301}", "a", "b"].map {
                try members.decodeIfPresent(Int.self, forKey: .name($0))
            }
        }
    }

    @Test("Members nobody asks for may be nested as deep as they like")
    func deep() throws {
        let nested = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(try JSONValue(text: #"{"x":\#(nested),"a":1}"#).container(keyedBy: JSONKey.self).allKeys.count == 2)
    }

    @Test("A decoder may outlive the decoding")
    func outlives() throws {
        struct Keeper: Decodable {
            let decoder: any Decoder
            init(from decoder: any Decoder) throws { self.decoder = decoder }
        }
        let keeper = try JSONValue(text: #"{"a":{"b":"c"}}"#).decode([String: Keeper].self)
        #expect(try keeper["a"].map { try [String: String](from: $0.decoder) } == ["b": "c"])
    }
}
