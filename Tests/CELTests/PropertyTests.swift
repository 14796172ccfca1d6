import Testing

@testable import CEL

/// Random well-typed conditions with all operators, and with more parentheses than needed.
private struct ConditionGenerator {
    var random: SeededRandom

    mutating func condition(_ depth: Int) -> String {
        guard depth > 0 else {
            return random.pick(
                "true", "false", "data.paid", "has(data.author)", "has(data.stars)", "(data.kind == 'b')")
        }
        let next = depth - 1
        switch random.below(9) {
        case 0: return "(\(condition(next)) && \(condition(next)))"
        case 1:
            return "\(condition(0)) || \(condition(next)) && \(condition(0)) ? \(condition(0)) : \(condition(next))"
                .wrapped
        case 2: return "!\(condition(next))"
        case 3: return "(\(int(next)) \(random.pick("==", "!=", "<", "<=", ">", ">=")) \(int(next)))"
        case 4: return "(\(text(next)) \(random.pick("==", "<", ">=")) \(text(next)))"
        case 5: return "(\(int(next)) in [\(int(next)), \(int(0))])"
        case 6: return "\(text(next)).\(random.pick("startsWith", "endsWith", "contains"))(\(text(next)))"
        case 7: return "(data.at \(random.pick("+", "-")) \(span(next)) \(random.pick("<", "==")) occurred_at)"
        default:
            return "(has(data.count) && data.count < \(int(next)) && has(data.author) && data.author == \(text(next)))"
        }
    }

    mutating func int(_ depth: Int) -> String {
        guard depth > 0 else {
            return random.pick(
                "0", "1", "-1", "data.stars", "recipient_id", "9223372036854775807", "-9223372036854775808")
        }
        switch random.below(5) {
        case 0: return "size(\(text(depth - 1)))"
        case 1: return "-(\(int(depth - 1)))"
        case 2: return "[\(int(0)), \(int(0))][\(int(depth - 1))]"
        default: return "(\(int(depth - 1)) \(random.pick("+", "-", "*", "/", "%")) \(int(depth - 1)))"
        }
    }

    mutating func text(_ depth: Int) -> String {
        guard depth > 0 else { return random.pick("''", "data.title", #""\n\x00\u00e9\"""#, "r'\\'", "'''a'b'''") }
        return "(\(text(depth - 1)) + \(text(depth - 1)))"
    }

    mutating func span(_ depth: Int) -> String {
        guard depth > 0 else { return random.pick("duration('1h')", "duration('2562047h')", "duration('-1.5s')") }
        return "(\(span(depth - 1)) \(random.pick("+", "-")) \(span(depth - 1)))"
    }
}

extension String {
    fileprivate var wrapped: String { "(\(self))" }
}

@Suite("Properties of conditions, with a seed")
struct PropertyTests {
    @Test("a condition printed and parsed again is the same", arguments: 0..<4)
    func printing(_ seed: UInt64) throws {
        var generator = ConditionGenerator(random: SeededRandom(seed: seed))
        for round in 0..<200 {
            let syntax = try Parser.parse(generator.condition(round % 5))
            let printed = syntax.description
            let again = try Parser.parse(printed)
            #expect(again == syntax, "\(printed)")
            #expect(again.description == printed)
        }
    }

    @Test("a well-typed condition loads, and evaluates within the bounds", arguments: 0..<4)
    func evaluating(_ seed: UInt64) throws {
        var generator = ConditionGenerator(random: SeededRandom(seed: seed))
        for round in 0..<200 {
            let text = generator.condition(round % 5)
            let expression = try CELExpression(text, declarations: Fixture.declarations)
            for complete in [true, false] {
                do throws(CELRuntimeError) {
                    _ = try expression.evaluate(Fixture.lookup(complete: complete))
                } catch {
                    #expect([.overflow, .divisionByZero, .indexOutOfRange].contains(error.reason), "\(text): \(error)")
                }
            }
        }
    }

    /// Constants folded at load have the same result as evaluating them later.
    @Test("a condition without constant folding gives the same result", arguments: 0..<4)
    func folding(_ seed: UInt64) throws {
        var generator = ConditionGenerator(random: SeededRandom(seed: seed))
        for round in 0..<100 {
            let text = generator.condition(round % 4)
            let field = text.replacing("-9223372036854775808", with: "(-recipient_max - 1)")
                .replacing("9223372036854775807", with: "recipient_max")
            let variable = field.replacing("recipient_max", with: "data.max")
            let declarations = CELDeclarations(fields: Fixture.fields + [CELField("max", .int)])
            let expression = try CELExpression(variable, declarations: declarations)
            let expected = try? Fixture.evaluate(text)
            let value = try? expression.evaluate { variable in
                variable == .field(Fixture.fields.count) ? .int(.max) : Fixture.lookup()(variable)
            }
            #expect(value == expected, "\(text)")
        }
    }

    @Test("no input ends the process: random characters", arguments: 0..<4)
    func noise(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let letters = random.pick(
                "\"'\\rRbBuUxX01d.eE+-", "()[]{}?:,&|!=<>in data.stars 1", "\u{0}é\u{301}😀“ \n\r\t/")
            exercise(random.text(of: letters, upTo: 60))
        }
    }

    @Test("no input ends the process: conditions with tokens lost, doubled and swapped", arguments: 0..<4)
    func mutations(_ seed: UInt64) {
        var generator = ConditionGenerator(random: SeededRandom(seed: seed))
        for round in 0..<500 {
            var text = Array(generator.condition(round % 4))
            for _ in 0...generator.random.below(3) {
                let place = generator.random.below(text.count)
                switch generator.random.below(3) {
                case 0: text.remove(at: place)
                case 1: text.insert(text[place], at: place)
                default: text.swapAt(place, generator.random.below(text.count))
                }
                if text.isEmpty { break }
            }
            exercise(String(text))
        }
    }

    /// Loads and evaluates; mistakes must have positions inside the text.
    private func exercise(_ text: String) {
        do throws(CELErrors) {
            let expression = try CELExpression(text, declarations: Fixture.declarations)
            for complete in [true, false] { _ = try? expression.evaluate(Fixture.lookup(complete: complete)) }
        } catch {
            #expect(!error.errors.isEmpty)
            let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            for mistake in error.errors {
                #expect((1...lines.count).contains(mistake.line), "\(text.debugDescription): \(mistake)")
                let length = lines.indices.contains(mistake.line - 1) ? lines[mistake.line - 1].count : 0
                #expect((1...length + 1).contains(mistake.column), "\(text.debugDescription): \(mistake)")
            }
        }
    }
}
