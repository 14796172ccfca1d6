import SheafCore
import SheafEngine
import SheafMemory
import SheafTesting
import Testing

/// Sends random input to the intake: the process must survive, and accepted events must equal what was sent, byte by
/// byte.
@Suite("Random input", .timeLimit(.minutes(1)))
struct IntakeFuzzTests {
    @Test("Accepted events are stored with exactly the id, source and data that were sent", arguments: 0..<20)
    func exact(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let clock = TestClock()
        let store = MemoryStore(clock: clock)
        let type = EventType("shop_changed", code: 1, delivery: .immediate, factory: TestFactory())
        let ingest = Ingest(
            catalog: try LiveCatalog([type]), store: store, clock: clock, counters: StageCounters(clock: clock))
        var sent: [MadeUpEvent] = []
        var known: Set<[UInt8]> = []
        while sent.count < 40 {
            let event = MadeUpEvent(&random)
            // Texts with different bytes are different events, even if `String` treats them as equal.
            if known.insert(Array(event.id.utf8) + [0xFF] + Array(event.source.utf8)).inserted { sent.append(event) }
        }
        let body = "[" + sent.map { $0.json(&random) }.joined(separator: ",") + "]"
        let entries = try ingest.reader(source: "http").cloudEvents(Array(body.utf8))
        let results = try await ingest.submit(entries, source: "http")
        for (event, result) in zip(sent, results) {
            #expect(result.status == .accepted)
            let stored = try #require(try await store.event(publicID: event.id, source: event.source)).event
            #expect(stored.producerID?.utf8.elementsEqual(event.id.utf8) == true)
            #expect(stored.source.utf8.elementsEqual(event.source.utf8))
            #expect(stored.payload.utf8.elementsEqual(event.data.utf8))
            #expect(stored.recipient == event.recipient)
        }
        #expect(try await ingest.submit(entries, source: "http").allSatisfy { $0.status == .duplicate })
    }

    @Test("Randomly changed bodies are read to the end, and accepted data is a part of them", arguments: 0..<20)
    func mutated(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let reader = EventReader(source: "http", catalog: nil, maximumEvents: 50)
        var accepted = 0
        for _ in 0..<400 {
            let events = (0..<Int.random(in: 0...3, using: &random)).map { _ in MadeUpEvent(&random).json(&random) }
            let text = random.one(in: 2) ? "[\(events.joined(separator: ","))]" : events.joined(separator: "\n")
            var body = Array(text.utf8)
            if !random.one(in: 8) { body.mutate(&random) }
            var entries = [reader.line(body)] + ((try? reader.lines(body)) ?? [])
            entries += ((try? reader.json(body)) ?? []) + ((try? reader.cloudEvents(body)) ?? [])
            entries += records(of: body, &random).flatMap { DatabusReader(catalog: nil).entries(in: $0).map(\.entry) }
            for case .success(let event) in entries {
                accepted += 1
                #expect(body.contains(Array(event.data.utf8)))
            }
        }
        #expect(accepted > 0)
    }

    @Test("Random bytes are either refused or read", arguments: 0..<5)
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet =
            Array("{}[]\",:\\u0dD8FfeE-+.123 \n\tnulltruefalse".utf8) + [0xEF, 0xBB, 0xBF, 0xC3, 0xA9, 0xFF, 0]
        let reader = EventReader(source: "http", catalog: nil, maximumEvents: 50)
        for _ in 0..<3000 {
            let body = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            _ = (try? reader.json(body), try? reader.lines(body), try? reader.cloudEvents(body))
            for record in records(of: body, &random) {
                for entry in DatabusReader(catalog: nil).entries(in: record) {
                    if case .failure(let error) = entry.entry { #expect(!error.message.isEmpty) }
                }
                _ = record.likelyRecipient
            }
        }
    }

    private func records(of value: [UInt8], _ random: inout SeededGenerator) -> [SourceRecord] {
        var id = Array("7".utf8)
        id.mutate(&random)
        let binary = [("ce_specversion", Array("1.0".utf8)), ("ce_source", Array("/s".utf8)), ("ce_id", id)]
        let headers: [[(String, [UInt8])]] = [
            [], [("content-type", Array("application/cloudevents-batch+json".utf8))],
            binary + [("ce_type", Array("shop_changed".utf8))],
        ]
        return headers.map { headers in
            SourceRecord(
                topic: "shop.changed", partition: 0, offset: 1, key: id, value: value,
                headers: headers.map { SourceRecord.Header(name: $0, value: $1) }, timestamp: nil)
        }
    }
}

/// A CloudEvent with random texts.
private struct MadeUpEvent {
    let id: String
    let source: String
    let recipient: RecipientID
    /// The JSON to be stored.
    let data: String

    init(_ random: inout SeededGenerator) {
        id = Self.text(&random)
        source = Self.text(&random)
        recipient = RecipientID.random(in: .min ... .max, using: &random)
        let text = Self.quoted(Self.text(&random), &random)
        let number = ["1", "-0", "1.50", "1e400", "12345678901234567890"].randomElement(using: &random) ?? "1"
        data = #"{ "text" : \#(text),"n":\#(number), "recipient_id":\#(recipient) }"#
    }

    func json(_ random: inout SeededGenerator) -> String {
        let (id, source) = (Self.quoted(id, &random), Self.quoted(source, &random))
        return #"{"specversion":"1.0","type":"shop_changed","id":\#(id), "source":\#(source),"data":\#(data)}"#
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        // Characters with several normal forms, the replacement character, and characters with a meaning in JSON and
        // SQL.
        let scalars: [Unicode.Scalar] = [
            "a", "\u{E9}", "e", "\u{301}", "\u{212A}", "K", "\u{FFFD}", "\u{FEFF}", "\"", "\\", "/", "\u{1}", "'", "%",
            "\u{1F600}", "\u{10FFFF}", "\u{AC00}", "\u{1100}", "\u{1161}", "\u{202E}", "\n", ":",
        ]
        let count = Int.random(in: 1...6, using: &random)
        return String(String.UnicodeScalarView((0..<count).compactMap { _ in scalars.randomElement(using: &random) }))
    }

    /// The text as a JSON string, with each code point unchanged or escaped.
    private static func quoted(_ text: String, _ random: inout SeededGenerator) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            let needsEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if needsEscape || random.one(in: 3) {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension SeededGenerator {
    fileprivate mutating func one(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }
}

extension [UInt8] {
    /// Flips, removes, repeats or adds bytes.
    fileprivate mutating func mutate(_ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &random) where !isEmpty {
            let place = Int.random(in: 0..<count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: self[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: remove(at: place)
            case 2: insert(UInt8.random(in: .min ... .max, using: &random), at: place)
            case 3: removeSubrange(place..<Swift.min(count, place + 20))
            default: insert(contentsOf: self[place..<Swift.min(count, place + 20)], at: place)
            }
        }
    }
}
