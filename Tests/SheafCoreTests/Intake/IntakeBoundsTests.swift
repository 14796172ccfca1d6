import SheafCore
import Testing

/// Bodies designed to cost time, memory or stack. The bounds are wide: they distinguish linear cost from worse even on
/// a busy machine. A debug build, which is thirty times slower, gets a part of the largest accepted body.
@Suite("Bodies designed to be expensive", .serialized)
struct IntakeBoundsTests {
    private let reader = EventReader(source: "http", catalog: nil)

    private func time(_ work: () throws -> Void) rethrows -> Duration { try ContinuousClock().measure(work) }

    private func repeated(_ text: String, bytes: Int) -> [UInt8] {
        let unit = Array(text.utf8)
        return Array(repeatElement(unit, count: bytes / unit.count).joined())
    }

    @Test(
        "Endless opening brackets are refused in time, without using the stack",
        arguments: ["[", #"{"a":"#, #"[{"a":"#, "[[],", "{\"a\":[],\"b\":"])
    func openings(text: String) throws {
        let body = repeated(text, bytes: Self.size)
        let bounds = try time {
            let error = try #require(throws: SheafError.self) { try reader.json(body) }
            #expect(error.code == .invalid)
        }
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    @Test("Endless tiny values are counted, not kept", arguments: ["0,", "[],", "{},", #""","#])
    func tinyValues(text: String) throws {
        let body = Array("[".utf8) + repeated(text, bytes: Self.size) + Array("0]".utf8)
        let bounds = time {
            #expect(throws: SheafError(.tooLarge, "a request holds at most 1000 events")) { try reader.json(body) }
        }
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    @Test("Endless line ends hold no events")
    func lineEnds() throws {
        let body = repeated("\r\n", bytes: Self.size)
        var count: Int?
        let bounds = try time { count = try reader.lines(body).count }
        #expect(count == 0)
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    @Test("Endless tiny lines end at the thousandth")
    func tinyLines() throws {
        let body = repeated("0\n", bytes: Self.size)
        let bounds = time { #expect(throws: SheafError.self) { try reader.lines(body) } }
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    @Test("A string of 10 MiB is accepted like any other")
    func longString() throws {
        let text = String(repeating: "x", count: 10 << 20)
        let body = Array(IntakeCase.with(#""id":"a""#, data: #"{"a":"\#(text)"}"#).utf8)
        let bounds = try time {
            let event = try #require(try reader.json(body).first).get()
            #expect(event.data.utf8.count == (10 << 20) + 8)
        }
        #expect(bounds < .seconds(2) * Self.timeout)
    }

    @Test("An id as large as a body is refused for its length")
    func longIdentifier() throws {
        let body = Array(IntakeCase.with(#""id":"\#(String(repeating: #"\u0041"#, count: Self.size / 6))""#).utf8)
        let bounds = try time {
            let entry = try #require(try reader.json(body).first)
            #expect(entry == .failure(SheafError(.invalid, field: "id", "has more than 200 characters")))
        }
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    @Test("Many names cost the same each, even if all are canonically equal")
    func names() throws {
        // 2^14 spellings of one text, all canonically equal, so that a hash by canonical form would be the same for
        // all.
        let spellings = (0..<16_384).map { number in
            (0..<14).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined()
        }
        let data = "{" + spellings.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        let body = Array(IntakeCase.with("", data: data).utf8)
        let bounds = try time { _ = try reader.json(body).first?.get() }
        #expect(bounds < .seconds(1) * Self.timeout)
    }

    #if DEBUG
        private static let size = 128 << 10
        private static let timeout = 10
    #else
        private static let size = 4 << 20
        private static let timeout = 1
    #endif
}
