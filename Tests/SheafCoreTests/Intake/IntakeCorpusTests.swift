import SheafCore
import Testing

@Suite("Malformed and unusual bodies")
struct IntakeCorpusTests {
    private let reader = EventReader(source: "http", catalog: nil)
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")

    private func identifiers(_ entries: [EventReader.Entry]) -> [String?] {
        entries.map { (try? $0.get())?.producerID }
    }

    @Test("The corpus is large, and its names are unique")
    func size() {
        #expect(IntakeCorpus.all.count >= 150)
        #expect(Set(IntakeCorpus.all.map(\.name)).count == IntakeCorpus.all.count)
    }

    @Test("Alone", arguments: IntakeCorpus.all)
    func alone(_ item: IntakeCase) throws {
        if case .broken = item.expected {
            item.checkBroken { try reader.json(item.body) }
        } else {
            let entries = try reader.json(item.body)
            #expect(entries.count == 1)
            for entry in entries { item.check(entry) }
        }
    }

    @Test("In an array, between good events, which keep their positions", arguments: IntakeCorpus.all)
    func inArray(_ item: IntakeCase) throws {
        let parts = [IntakeCase.event(id: "before"), item.body, IntakeCase.event(id: "after")]
        let body = Array("[".utf8) + parts.joined(separator: [Self.comma]) + Array("]".utf8)
        if case .broken = item.expected {
            #expect(throws: SheafError.self) { try reader.json(body) }
        } else {
            let entries = try reader.json(body)
            #expect(entries.count == 3)
            item.check(entries[1])
            #expect(identifiers(entries).first == "before")
            #expect(identifiers(entries).last == "after")
        }
    }

    @Test(
        "In a line, between good lines, which always survive",
        arguments: IntakeCorpus.all.filter { !$0.body.contains(newline) && !$0.body.isEmpty })
    func inLine(_ item: IntakeCase) throws {
        let parts = [IntakeCase.event(id: "before"), item.body, IntakeCase.event(id: "after")]
        let entries = try reader.lines(Array(parts.joined(separator: [Self.newline])))
        #expect(entries.count == 3)
        item.check(entries[1])
        #expect(identifiers(entries).first == "before")
        #expect(identifiers(entries).last == "after")
    }

    @Test("Every truncation of a good body is refused without a crash")
    func cuts() throws {
        let body = Array(
            #"[{"id":"a\u00e9\ud83d\ude00","type":"товар","recipient_id":-12,"occurred_at":"2026-11-23T09:00:00Z","data":{"x":[true,null,1.5e-3]}}]"#
                .utf8)
        #expect(try reader.json(body).count == 1)
        for count in 0..<body.count {
            #expect(throws: SheafError.self, "\(count)") { try reader.json(Array(body[..<count])) }
        }
    }

    @Test("No changed byte causes a crash", arguments: 1...8 as ClosedRange<UInt64>)
    func mutations(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let bodies = IntakeCorpus.all.map(\.body).filter { $0.count < 1000 && !$0.isEmpty }
        for body in bodies {
            var body = body
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                body[Int.random(in: body.indices, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            // It may be read or refused; a trap would end the test.
            _ = try? reader.json(body)
            _ = try? reader.lines(body)
            _ = try? reader.cloudEvents(body)
            _ = reader.topicMessage(body, topic: "t", position: "t/0/0")
        }
    }
}
