import Foundation
import Testing

@testable import DeclaredTypes

@Suite("YAML reading")
struct YAMLReadingTests {
    private func read(_ text: String) -> (node: SourceNode?, findings: [String]) {
        var reader = YAMLReader(file: "f")
        let node = reader.read(Array(text.utf8))
        return (node, reader.findings.map { "\($0.position.line):\($0.position.column): \($0.message)" })
    }

    @Test(
        "Every scalar is text",
        arguments: ["no", "yes", "1", "0x1F", "1.50", "null", "~", "2026-01-05", "true", "0o7", ".inf", "1_000"])
    func text(scalar: String) {
        #expect(read("a: \(scalar)").node?.canonical == "{\"a\":\"\(scalar)\"}")
        #expect(read("\(scalar): a").node?.canonical == "{\"\(scalar)\":\"a\"}")
    }

    @Test(
        "YAML that hides or repeats content is a mistake with its position",
        arguments: [
            ("a: !!str x", "1:4: tags"), ("a: !custom {b: c}", "1:4: tags"), ("a: &x y", "1:4: anchors"),
            ("a: &x y\nb: *x", "1:4: anchors"), ("a: 1\nb: 2\na: 3", "3:1: a stands twice, first in line 1"),
            ("x: {a: 1, a: 2}", "1:11: a stands twice, first in line 1"), ("1: a\n'1': b", "2:1: 1 stands twice"),
            ("? [a]\n: b", "1:3: a member's name"), ("a: 1\n---\nb: 2", "2:1: is not YAML"), ("", "1:1: is empty"),
            ("# nothing", "1:1: is empty"), ("a: b: c", "1:5: is not YAML"), ("a: 'b", "1:6: is not YAML"),
            ("a:\n\t- b", "2:1: is not YAML"), ("a: \u{1}", "1:4: the character U+1"), ("a: *x", "1:4: is not YAML"),
            ("a: \"\\q\"", "1:5: is not YAML"), ("a: {b: c", "2:1: is not YAML"), ("a: @b", "1:4: is not YAML"),
        ])
    func mistakes(text: String, expected: String) {
        let findings = read(text).findings
        #expect(findings.first?.hasPrefix(expected) == true, "\(findings)")
    }

    @Test("All duplicate members are reported at once")
    func doubles() {
        let findings = read("a: 1\na: 2\nb: {c: 1, \"c\": 2}\na: 3\n").findings
        #expect(findings.map { $0.prefix(6) } == ["2:1: a", "3:11: ", "4:1: a"])
    }

    @Test("Invalid UTF-8 is reported with its position")
    func encoding() {
        var reader = YAMLReader(file: "f")
        #expect(reader.read(Array("a: b\nc: \u{E9}".utf8) + [0xE9, 0x28]) == nil)
        #expect(reader.findings.map(\.position) == [SourcePosition(line: 2, column: 5)])
    }

    @Test("Large, deep and exploding files are refused", .timeLimit(.minutes(1)))
    func bounds() {
        #expect(read(String(repeating: "a", count: 300_000)).findings.first?.contains("bytes") == true)
        #expect(read(String(repeating: "[", count: 100_000)).findings.count == 1)
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(read("a: \(deep)").findings.first?.contains("nested deeper than 16") == true)
        let indented = (0..<600).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
        #expect(read(indented).findings.count == 1)
        var bomb = "a0: &a0 [x, x]\n"
        for index in 1..<40 { bomb += "a\(index): &a\(index) [*a\(index - 1), *a\(index - 1)]\n" }
        #expect(read(bomb + "? *a39\n: b\n").findings.first?.contains("anchors") == true)
        let few = "a: &a [x, x]\nb: &b [*a, *a]\n? *b\n: c\n"
        #expect(read(few).findings.contains { $0.contains("anchors") })
    }

    @Test("A byte order mark is ignored")
    func byteOrderMark() { #expect(read("\u{FEFF}a: b").node?.canonical == "{\"a\":\"b\"}") }

    @Test("The canonical form depends only on the content, and reads as the same content")
    func canonical() {
        let one = read("b: [x, 'y']\na: {d: \"\\u00e9\\n\", c: |\n  z\n  }\n")
        let text = "a:\n  c: \"z\\n\"\n  d: \"é\\n\"\nb:\n- x\n- y\n"
        #expect(read(text).node?.canonical == #"{"a":{"c":"z\n","d":"é\n"},"b":["x","y"]}"#)
        #expect(one.findings.count <= 1)
        let odd = "a: \"\\x01\\x85\\u2028\\\\\\\" \\uFEFF😀\""
        let canonical = read(odd).node?.canonical ?? ""
        #expect(!canonical.isEmpty && read(canonical).node?.canonical == canonical)
    }
}

@Suite("Positions in texts")
struct SourceTextTests {
    /// The position of `X` in the only member's text.
    private func place(_ yaml: String) throws -> String {
        var reader = YAMLReader(file: "f")
        guard case .members(let members, _)? = reader.read(Array(yaml.utf8)),
            case .text(let text)? = members.first?.value, let index = text.text.unicodeScalars.firstIndex(of: "X")
        else { return "\(reader.findings)" }
        let offset = text.text.unicodeScalars.distance(from: text.text.unicodeScalars.startIndex, to: index)
        let position = text.position(ofScalar: offset)
        return "\(position.line):\(position.column)"
    }

    @Test(
        "Characters are found in every style",
        arguments: [
            ("a: bcX", "1:6"), ("a: 'b''c X'", "1:10"), ("a: \"b\\n\\u00e9\\\"X\"", "1:16"), ("a: |\n  b\n  cX", "3:4"),
            ("a: |\n\n  b\n\n    cX\n", "5:6"), ("a: >\n  b\n  cX", "3:4"), ("a: >\n  b\n\n  cX", "4:4"),
            ("a: b\n  cX", "2:4"), ("a: b\n\n  cX", "3:4"), ("a: \"b\n  cX\"", "2:4"), ("a: \"b\\\n  cX\"", "2:4"),
            ("a: 'b\n\n\n  cX'", "4:4"), ("a: |-\r\n  b\r\n  cX\r\n", "3:4"), ("a: >-\n  b\n  c\n\n\n  dX\n", "6:4"),
            ("a: \"é😀X\"", "1:7"), ("a: \"\\x41\\U0001F600X\"", "1:19"), ("a:   b   X", "1:10"),
        ])
    func places(yaml: String, expected: String) throws { #expect(try place(yaml) == expected) }

    @Test("A line and column within a block are found in the file")
    func lines() {
        var reader = YAMLReader(file: "f")
        guard case .members(let members, _)? = reader.read(Array("when: |\n    a &&\n      bX\n".utf8)),
            case .text(let text)? = members.first?.value
        else { return #expect(Bool(false)) }
        #expect(text.position(line: 2, column: 4) == SourcePosition(line: 3, column: 8))
    }
}
