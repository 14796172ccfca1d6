import Foundation
import Logging
import SheafCore
import SheafObservability
import Testing

@Suite struct LogJSONTests {
    let lines = LogLines()

    private struct Line: Decodable, Equatable {
        var time: String
        var level: String
        var logger: String
        var message: String
        var fields: [String: String]
    }

    private static let nasty: [String] =
        (0..<0x20).compactMap(Unicode.Scalar.init).map { "a\(Character($0))b" } + [
            "", "\"", "\\", "\\\"", "\\u0041", "/", "\u{7F}", "\u{85}", "\u{2028}\u{2029}", "\u{FEFF}", "\u{FFFF}",
            "👩‍👩‍👧", "е\u{301}", "распродажа", "\",\"level\":\"forged", "\r\n", "{}", "\u{10FFFF}",
        ]

    @Test(arguments: nasty)
    func `Any text round-trips`(text: String) throws {
        lines.logger(text, format: .json).warning("\(text)", metadata: [text: "\(text)"])
        let line = try #require(lines.all.first)
        #expect(line.hasSuffix("}\n"))
        #expect(!line.dropLast().unicodeScalars.contains { $0.properties.generalCategory == .control })
        let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        #expect(
            decoded
                == Line(
                    time: LogLines.time.description, level: "warning", logger: text, message: text,
                    fields: [text: text]))
    }

    @Test func `Keys are sorted`() {
        lines.logger("l", format: .json).info("m", metadata: ["b": "2", "a": "1"])
        lines.logger("l", format: .json).info("m")
        let start = #"{"time":"\#(LogLines.time)","level":"info","logger":"l","message":"m","fields":"#
        #expect(lines.all == [start + #"{"a":"1","b":"2"}}"# + "\n", start + "{}}\n"])
    }

    @Test func `Arrays and objects in metadata keep their form`() throws {
        lines.logger(format: .json).info(
            "m", metadata: ["list": ["a", ["b", "c\n"], [:]], "object": ["k": ["x": .stringConvertible(7)]]])
        let json = try JSONSerialization.jsonObject(with: Data(lines.all.joined().utf8)) as? [String: Any]
        let fields = try #require(json?["fields"] as? [String: Any])
        #expect(fields["object"] as? [String: [String: String]] == ["k": ["x": "7"]])
        let list = try #require(fields["list"] as? [Any])
        #expect(list[0] as? String == "a")
        #expect(list[1] as? [String] == ["b", "c\n"])
        #expect((list[2] as? [String: Any])?.isEmpty == true)
    }

    @Test func `Names of metadata cannot replace those of the line`() throws {
        lines.logger(format: .json).info("m", metadata: ["message": "forged", "time": "never"])
        let line = try JSONDecoder().decode(Line.self, from: Data(lines.all.joined().utf8))
        #expect(line.message == "m")
        #expect(line.fields == ["message": "forged", "time": "never"])
    }
}
