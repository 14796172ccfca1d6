import SheafCore
import Testing

@Suite("Events in Sheaf's own form")
struct EventReaderTests {
    private let reader = EventReader(source: "http", catalog: nil)

    private func array(_ items: [[UInt8]]) -> [UInt8] {
        Array("[".utf8) + items.joined(separator: Array(",".utf8)) + Array("]".utf8)
    }

    @Test("All members are read, and data is kept unchanged")
    func members() throws {
        let data = #"{ "sale_id" : 7,"item_id":1e0, "x":"\u0416\/", "recipient_id": 5 }"#
        let body =
            #"{"id":"p-1","type":"sale_item_changed","recipient_id":42,"occurred_at":"2026-11-23T12:00:00+03:00","data":\#(data)}"#
        #expect(
            try reader.json(Array(body.utf8)) == [
                .success(
                    IncomingEvent(
                        source: "http", producerID: "p-1", type: "sale_item_changed", recipient: 42,
                        occurredAt: Timestamp("2026-11-23T09:00:00Z"), data: data))
            ])
    }

    @Test("Optional members may be missing")
    func least() throws {
        #expect(
            try reader.json(Array(IntakeCase.with("").utf8)) == [
                .success(IncomingEvent(source: "http", type: "t", recipient: 1, data: "{}"))
            ])
    }

    @Test("Escapes in members are resolved")
    func escapes() throws {
        let body = IntakeCase.with(#""id":"\ud83d\ude00\n""#, type: #""\u0442\/""#)
        let event = try #require(try reader.json(Array(body.utf8)).first).get()
        #expect(event.producerID == "😀\n")
        #expect(event.type == "т/")
    }

    @Test("An empty array holds no events")
    func emptyArray() throws {
        #expect(try reader.json(Array("[]".utf8)).isEmpty)
        #expect(try reader.json(Array(" [ ] ".utf8)).isEmpty)
    }

    @Test("An array within an array is not an event")
    func nestedArray() throws {
        let entries = try reader.json(Array("[[\(IntakeCase.with(""))]]".utf8))
        #expect(entries == [.failure(SheafError(.invalid, "an event is an object, not an array"))])
    }

    @Test("A thousand events are accepted, one more is too many")
    func maximum() throws {
        let events = (0...1000).map { IntakeCase.event(id: "\($0)") }
        let entries = try reader.json(array(Array(events.dropLast())))
        #expect(entries.map { try? $0.get().producerID } == (0..<1000).map(String.init))
        let tooMany = SheafError(.tooLarge, "a request holds at most 1000 events")
        #expect(throws: tooMany) { try reader.json(array(events)) }
        #expect(throws: tooMany) { try reader.lines(Array(events.joined(separator: Array("\n".utf8)))) }
        #expect(throws: tooMany) { try reader.cloudEvents(array(events)) }
        #expect(try EventReader(source: "http", catalog: nil, maximumEvents: 1001).json(array(events)).count == 1001)
    }

    @Test("A body with too many events and a syntax error is reported as invalid JSON")
    func maximumBroken() throws {
        let events = (0...1000).map { IntakeCase.event(id: "\($0)") }
        let error = try #require(throws: SheafError.self) { try reader.json(array(events + [Array("x".utf8)])) }
        #expect(error.code == .invalid)
    }

    @Test("In any mixture the good events survive in order", arguments: 1...10 as ClosedRange<UInt64>)
    func mixtures(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let bad = (IntakeCorpus.wrongMembers + IntakeCorpus.flawed).filter { $0.body.count < 1000 }
        let items = (0..<100).map { index -> (id: String?, body: [UInt8]) in
            if generator.one(in: 2), let item = bad.randomElement(using: &generator) { return (nil, item.body) }
            return (String(index), IntakeCase.event(id: String(index)))
        }
        let inArray = try reader.json(array(items.map(\.body)))
        let inLines = try reader.lines(Array(items.map(\.body).joined(separator: Array("\r\n".utf8))))
        #expect(inArray.map { try? $0.get().producerID } == items.map(\.id))
        #expect(inArray == inLines)
    }

    @Test("Errors name the position and quote none of the text")
    func position() throws {
        let error = try #require(throws: SheafError.self) {
            try reader.json(Array(#"{"type":"hunter2" hunter2}"#.utf8))
        }
        #expect(error == SheafError(.invalid, "is not valid JSON: expected ',' or '}' in an object (byte 18)"))
    }
}

@Suite("Events in lines")
struct EventLineTests {
    private let reader = EventReader(source: "file", catalog: nil)

    private func identifiers(_ body: String) throws -> [String?] {
        try reader.lines(Array(body.utf8)).map { try? $0.get().producerID }
    }

    private let a = String(decoding: IntakeCase.event(id: "a"), as: UTF8.self)
    private let b = String(decoding: IntakeCase.event(id: "b"), as: UTF8.self)

    @Test("Both kinds of line ends, and a last line without one")
    func lineEnds() throws {
        for body in ["\(a)\n\(b)\n", "\(a)\r\n\(b)\r\n", "\(a)\n\(b)", "\(a)\r\n\(b)", " \(a) \n\t\(b)\t\n"] {
            #expect(try identifiers(body) == ["a", "b"])
        }
    }

    @Test("Empty lines are skipped")
    func emptyLines() throws {
        #expect(try identifiers("\n\n\(a)\n\r\n  \n\t\r\n\(b)\n\n") == ["a", "b"])
        #expect(try identifiers("") == [])
        #expect(try identifiers("\n") == [])
        #expect(try identifiers(" \r\n") == [])
    }

    @Test("Each bad line is refused, with the position within the line")
    func badLines() throws {
        let body = "\(a)\nnot JSON\n[\(a)]\n\(a)\(b)\n{\"type\":\n\(b)\n"
        let entries = try reader.lines(Array(body.utf8))
        #expect(entries.map { try? $0.get().producerID } == ["a", nil, nil, nil, nil, "b"])
        #expect(entries[1] == .failure(SheafError(.invalid, "is not valid JSON: expected null (byte 0)")))
        #expect(entries[2] == .failure(SheafError(.invalid, "an event is an object, not an array")))
        #expect(
            entries[3]
                == .failure(
                    SheafError(.invalid, "is not valid JSON: expected nothing after the value (byte \(a.utf8.count))")))
    }

    @Test("A carriage return alone ends no line")
    func carriageReturn() throws {
        #expect(try identifiers("\(a)\r\(b)") == [nil])
    }

    @Test("A single line is read on its own")
    func line() {
        #expect(
            reader.line(a.utf8)
                == .success(IncomingEvent(source: "file", producerID: "a", type: "t", recipient: 1, data: "{}")))
        #expect(
            reader.line("".utf8)
                == .failure(SheafError(.invalid, "is not valid JSON: the text ends where a value is expected (byte 0)"))
        )
        #expect(reader.line([0xFF]) == .failure(SheafError(.invalid, "is not valid UTF-8")))
    }
}
