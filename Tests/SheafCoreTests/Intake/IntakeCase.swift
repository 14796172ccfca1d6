import SheafCore
import Testing

/// One value as a producer may send it, with the expected result.
struct IntakeCase: Sendable, CustomTestStringConvertible {
    enum Expectation: Sendable {
        /// It is an event.
        case good
        /// It is refused on its own, with this field and this text.
        case bad(String?, String)
        /// It is not JSON: it spoils its whole body or line. The error contains this text.
        case broken(String)
    }

    let name: String
    let body: [UInt8]
    let expected: Expectation

    init(_ name: String, _ body: String, _ expected: Expectation) {
        self.init(name, Array(body.utf8), expected)
    }

    init(_ name: String, _ body: [UInt8], _ expected: Expectation) {
        self.name = name
        self.body = body
        self.expected = expected
    }

    var testDescription: String { name }

    /// A valid event with `id`.
    static func event(id: String) -> [UInt8] {
        Array(#"{"id":"\#(id)","type":"t","recipient_id":1,"data":{}}"#.utf8)
    }

    /// An event with an additional member, or with a replaced one.
    static func with(_ members: String, type: String = #""t""#, recipient: String = "1", data: String = "{}") -> String
    {
        #"{"type":\#(type),"recipient_id":\#(recipient),"data":\#(data)\#(members.isEmpty ? "" : ",")\#(members)}"#
    }

    /// Whether `entry` is the expected result of a JSON value or a line.
    func check(_ entry: EventReader.Entry, location: SourceLocation = #_sourceLocation) {
        switch (expected, entry) {
        case (.good, .success): break
        case (.bad(let field, let words), .failure(let error)):
            #expect(error.code == .invalid, sourceLocation: location)
            #expect(error.field == field, sourceLocation: location)
            #expect(error.message.contains(words), sourceLocation: location)
        case (.broken(let words), .failure(let error)): checkBroken(error, words, location: location)
        default: Issue.record("unexpected: \(entry)", sourceLocation: location)
        }
    }

    /// Whether `read` refuses the body as a whole, as expected.
    func checkBroken(
        location: SourceLocation = #_sourceLocation, _ read: () throws -> [EventReader.Entry]
    ) {
        guard case .broken(let words) = expected else { return }
        let error = #expect(throws: SheafError.self, sourceLocation: location) { try read() }
        if let error { checkBroken(error, words, location: location) }
    }

    private func checkBroken(_ error: SheafError, _ words: String, location: SourceLocation) {
        #expect(error.code == .invalid, sourceLocation: location)
        #expect(error.field == nil, sourceLocation: location)
        #expect(error.message.contains(words), sourceLocation: location)
        #expect(!error.message.contains("hunter2"), "complaints show no values", sourceLocation: location)
    }
}
