import Foundation
import Testing

@testable import CEL

/// The expected result of an expression, as in the tables.
struct Expectation: Decodable {
    /// The origin of the line.
    let from: String?
    let text: String
    /// Why the expression is outside the subset; it must then be refused.
    let outside: String?
    let error: Bool?
    let bool: Bool?
    let int: String?
    let double: String?
    let string: String?
    let list: [Element]?
    /// Whether the optional fields are present.
    let complete: Bool?

    struct Element: Decodable {
        let bool: Bool?
        let int: String?
        let double: String?
        let string: String?
        let list: [Element]?

        var value: CELValue? { CELValue(bool, int, double, string, list) }
    }

    var value: CELValue? { CELValue(bool, int, double, string, list) }

    /// The lines of a table.
    static func lines(of table: String) throws -> [Expectation] {
        let url = try #require(Bundle.module.url(forResource: "Resources/" + table, withExtension: "jsonl"))
        let text = try String(contentsOf: url, encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Self.self, from: Data($0.utf8)) }
    }
}

extension CELValue {
    fileprivate init?(
        _ bool: Bool?, _ int: String?, _ double: String?, _ string: String?, _ list: [Expectation.Element]?
    ) {
        if let bool {
            self = .bool(bool)
        } else if let int, let value = Int64(int) {
            self = .int(value)
        } else if let double, let value = Double(double) {
            self = .double(value)
        } else if let string {
            self = .string(string)
        } else if let list {
            self = .list(list.compactMap(\.value))
        } else {
            return nil
        }
    }

    /// The same value: strings by code points, and NaN equals itself.
    func isSame(as other: CELValue) -> Bool {
        switch (self, other) {
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right || (left.isNaN && right.isNaN)
        case (.bool(let left), .bool(let right)): left == right
        case (.string(let left), .string(let right)): left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        default: false
        }
    }
}

/// CEL's own conformance tests: https://github.com/google/cel-spec/tree/master/tests/simple/testdata
@Suite("CEL's conformance tests")
struct ConformanceTests {
    @Test("give the results of the specification, or are refused if outside the subset")
    func table() throws {
        let lines = try Expectation.lines(of: "conformance")
        let none = CELDeclarations(fields: [])
        for line in lines {
            let value: CELValue?
            do {
                let expression = try CELExpression(line.text, declarations: none, result: nil)
                #expect(line.outside == nil, "\(line.from ?? ""): \(line.text) is \(line.outside ?? "")")
                value = try? expression.value { _ in nil }
            } catch {
                #expect(line.outside != nil || line.error != nil, "\(line.from ?? ""): \(line.text): \(error)")
                continue
            }
            guard line.outside == nil else { continue }
            if let expected = line.value {
                #expect(
                    value?.isSame(as: expected) == true,
                    "\(line.from ?? ""): \(line.text) came to \(String(describing: value))")
            } else {
                #expect(value == nil, "\(line.from ?? ""): \(line.text) came to \(String(describing: value))")
            }
        }
        #expect(lines.count { $0.outside == nil } > 300)
    }
}

/// Another implementation: https://pypi.org/project/cel-python
@Suite("Another implementation of CEL")
struct ForeignTests {
    @Test("gives the same results for conditions")
    func table() throws {
        let lines = try Expectation.lines(of: "expectations")
        for line in lines {
            let value = try? Fixture.evaluate(line.text, complete: line.complete ?? true)
            #expect(value == line.bool, "\(line.text), complete: \(line.complete ?? true)")
        }
        #expect(lines.count >= 600)
    }
}
