import Foundation
import Testing

@testable import CEL

/// No condition and no event can make an evaluation slow or end the process.
@Suite("Limits of conditions")
struct LimitTests {
    private static let deep = 1000

    @Test(
        "of depth",
        arguments: [
            String(repeating: "(", count: deep) + "true" + String(repeating: ")", count: deep),
            String(repeating: "!", count: deep) + "true",
            String(repeating: "-", count: deep) + "data.stars == 1",
            String(repeating: "not ", count: deep) + "true",
            String(repeating: "[", count: deep) + String(repeating: "]", count: deep) + " == []",
            String(repeating: "size([", count: deep) + "true",
            String(repeating: "true ? ", count: deep) + "true",
            String(repeating: "true ? true : ", count: 500) + "true",
            "1" + String(repeating: " + 1", count: deep) + " == 1",
            "1" + String(repeating: " == 1", count: deep),
            "data" + String(repeating: ".a", count: deep),
            "data.title" + String(repeating: ".size()", count: deep),
            "[1]" + String(repeating: "[0]", count: deep),
            String(repeating: "(", count: deep),
            String(repeating: "data.paid || data.paid && 1 == 1 + 1 * -(", count: 150),
        ])
    func depth(_ text: String) {
        #expect(!Fixture.mistakes(text).isEmpty)
    }

    /// The specification requires less: 24 operators in a row, 12 levels of nesting.
    @Test("allow what people write")
    func room() throws {
        let nested = String(repeating: "(", count: 38) + "data.paid" + String(repeating: ")", count: 38)
        #expect(try Fixture.evaluate(nested))
        let chain = (0..<390).map { "data.stars == \($0)" }.joined(separator: " || ")
        #expect(chain.utf8.count <= CELExpression.maximumLength)
        #expect(try Fixture.evaluate(chain))
        let list = (0..<2000).map(String.init).joined(separator: ",")
        #expect(try Fixture.evaluate("!(data.stars + 2000 in [\(list.prefix(8000))0])"))
        let sum = "data.stars" + String(repeating: " + 1", count: 37) + " == 40"
        #expect(try Fixture.evaluate(sum))
    }

    @Test("of length")
    func length() {
        let padding = String(repeating: " ", count: CELExpression.maximumLength - 4)
        #expect(Fixture.mistakes("true" + padding) == [])
        #expect(Fixture.mistakes("true " + padding).first?.contains("at most 8192") == true)
        #expect(Fixture.mistakes(String(repeating: "é", count: 1_000_000)).count == 1)
    }

    /// A task's thread may have half a megabyte of stack; builds without optimization use the most.
    @Test("of the stack")
    func stack() async {
        let deepest = [
            String(repeating: "data.paid || data.paid && true == (", count: 9) + "data.paid"
                + String(repeating: ")", count: 9),
            String(repeating: "(", count: 39) + "data.paid" + String(repeating: ")", count: 39),
            String(repeating: "!", count: 38) + "data.paid",
            "size(" + String(repeating: "[", count: 35) + "data.stars" + String(repeating: "]", count: 35) + ") == 1",
            String(repeating: "data.paid ? true : ", count: 37) + "true",
        ]
        await withCheckedContinuation { continuation in
            let thread = Thread {
                for text in deepest {
                    #expect(Fixture.mistakes(text) == [], "\(text)")
                    #expect((try? Fixture.evaluate(text)) != nil, "\(text)")
                }
                continuation.resume()
            }
            thread.stackSize = 512 * 1024
            thread.start()
        }
    }

    private static let text = CELField("text", .string)

    /// The result of the condition if the event's text has this many letters.
    private func evaluate(_ text: String, letters: Int) throws -> Bool {
        let expression = try CELExpression(text, declarations: CELDeclarations(fields: [Self.text]))
        let value = CELValue.string(String(repeating: "a", count: letters))
        return try expression.evaluate { _ in value }
    }

    @Test("of work end what would grow")
    func growth() throws {
        var doubled = "data.text"
        for _ in 0..<7 { doubled = "(\(doubled) + \(doubled))" }
        #expect(try evaluate("size(\(doubled)) == 1280", letters: 10))
        let error = #expect(throws: CELRuntimeError.self) {
            try evaluate("\(doubled) == 'a' || true", letters: 1_000_000)
        }
        #expect(error?.reason == .tooMuchWork)
        let list = "[" + Array(repeating: "data.text", count: 200).joined(separator: ",") + "]"
        #expect(throws: CELRuntimeError.self) {
            try evaluate("(data.text + 'b') in \(list) || \(list) == \(list)", letters: 1_000_000)
        }
    }

    @Test("are far from what a large event needs")
    func large() throws {
        #expect(try evaluate("data.text.contains('ab') || size(data.text) == 300000", letters: 300_000))
    }

    /// Repetitive patterns make simple searches slow.
    @Test("of work hold for searching")
    func searching() throws {
        let part = String(repeating: "a", count: 2000) + "b" + String(repeating: "a", count: 2000)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try !evaluate("data.text.contains('\(part)')", letters: 300_000))
        let elapsed = clock.now - start
        #expect(elapsed < .seconds(5))
    }

    @Test("of what the host hands in: a value of another type is an error, not a trap")
    func wrongTypes() throws {
        let values: [CELValue] = [
            .int(1), .double(.nan), .string(""), .bool(true), .duration(nanoseconds: .min),
            .list([.int(1), .bool(true)]),
        ]
        let texts = [
            "data.stars + 1 == 2", "data.price * 2.0 < 1.0", "data.title.contains('a')", "data.paid && data.stars == 1",
            "data.at + duration('1h') > data.at", "data.kind in ['a']", "-data.stars == 1", "size(data.title) == 0",
            "!data.paid", "data.paid ? true : false", "data.title + '' == ''", "data.at - data.at == duration('0s')",
        ]
        for text in texts {
            let expression = try CELExpression(text, declarations: Fixture.declarations)
            for value in values {
                do { _ = try expression.evaluate { _ in value } } catch { #expect(error.reason != .tooMuchWork) }
            }
            #expect(throws: CELRuntimeError.self) { try expression.evaluate { _ in nil } }
        }
    }
}
