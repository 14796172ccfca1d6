import Foundation
import MessageFormat
import Testing

/// Compares messages with ICU, in a file that `scripts/generate-icu-messages.py` generates.
@Suite struct ICUMessagesTests {
    @Test func `messages print the same as ICU`() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Moscow"))
        var (compared, wrong) = (0, [String]())
        for line in try ICULine.all() where !line.texts.isEmpty {
            let language = try #require(LanguageTag(line.language))
            let message = try Message(line.message, language: language)
            for (values, expected) in line.texts.sorted(by: { $0.key < $1.key }) {
                let printed = message.format(timeZone: zone, line.variables(values))
                compared += 1
                if printed != expected {
                    wrong.append("\(line.language) \(line.message) \(values): \(printed) instead of \(expected)")
                }
            }
        }
        #expect(compared > 3_000)
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.joined(separator: "\n"))")
    }

    @Test func `messages that ICU refuses are refused`() throws {
        let refused = try ICULine.all().filter(\.texts.isEmpty)
        #expect(refused.count > 30)
        for line in refused {
            let language = try #require(LanguageTag(line.language))
            #expect(throws: MessageErrors.self, "\(line.message)") { try Message(line.message, language: language) }
        }
    }
}

/// A line of the file: a message with the texts for some values.
private struct ICULine: Decodable {
    let language: String
    let message: String
    private let names: [Substring]
    let texts: [String: String]

    static func all() throws -> [ICULine] {
        let url = try #require(Bundle.module.url(forResource: "icu-messages", withExtension: "jsonl"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .map { try JSONDecoder().decode(ICULine.self, from: Data($0.utf8)) }
    }

    init(from decoder: any Decoder) throws {
        var members = try decoder.unkeyedContainer()
        language = try members.decode(String.self)
        message = try members.decode(String.self)
        names = try members.decodeIfPresent(String.self)?.split(separator: " ") ?? []
        texts = try members.decodeIfPresent([String: String].self) ?? [:]
    }

    /// The variables for values such as `i5|stext`.
    func variables(_ values: String) -> (String) -> MessageValue? {
        let values = values.split(separator: "|").map(Self.value)
        return { name in names.firstIndex { $0 == name }.flatMap { values[$0] } }
    }

    private static func value(_ text: Substring) -> MessageValue? {
        let rest = text.dropFirst()
        return switch text.first {
        case "i": Int64(rest).map(MessageValue.integer)
        case "d": Double(rest).map(MessageValue.number)
        case "t": Double(rest).map { .time(Date(timeIntervalSince1970: $0)) }
        default: .text(String(rest))
        }
    }
}
