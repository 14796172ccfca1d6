import Foundation
import Testing

@testable import SheafCore

/// The scanner and Foundation agree on what JSON is, except for the scanner's own rules.
@Suite("The scanner against Foundation")
struct JSONScannerDifferentialTests {
    private enum Verdict: Equatable {
        case taken
        case broken
        /// It is valid JSON, but refused by one of the scanner's own rules.
        case flawed
    }

    private func scan(_ text: String) -> Verdict {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            do throws(JSONError) {
                try scanner.skipValue()
                try scanner.finish()
            } catch { return .broken }
            return scanner.takeFlaw() == nil ? .taken : .flawed
        }
    }

    private func foundationTakes(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
    }

    @Test("Both accept random documents", arguments: 1...20 as ClosedRange<UInt64>)
    func valid(seed: UInt64) {
        var documents = JSONDocuments(seed: seed)
        for _ in 0..<100 {
            let text = documents.document()
            #expect(scan(text) == .taken, "\(text)")
            #expect(foundationTakes(text), "\(text)")
        }
    }

    @Test(
        "Both accept or refuse the same slightly changed documents",
        arguments: 21...60 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var documents = JSONDocuments(seed: seed)
        for _ in 0..<100 {
            let text = documents.mutated(documents.document())
            switch scan(text) {
            // Foundation refuses numbers that no Double holds, and accepts a comma after the last element or member.
            case .taken: #expect(foundationTakes(text) || text.contains(/[eE]\+?\d{3}/), "\(text)")
            case .broken: #expect(!foundationTakes(text) || text.contains(/,\s*[\]}]/), "\(text)")
            case .flawed: break
            }
        }
    }

    @Test("Enough of the changed documents are broken, and enough are not")
    func mixture() {
        var documents = JSONDocuments(seed: 99)
        let verdicts = (0..<2000).map { _ in scan(documents.mutated(documents.document())) }
        #expect(verdicts.filter { $0 == .taken }.count > 200)
        #expect(verdicts.filter { $0 == .broken }.count > 200)
    }

    @Test("Strings are read as by Foundation", arguments: 61...80 as ClosedRange<UInt64>)
    func strings(seed: UInt64) throws {
        var documents = JSONDocuments(seed: seed)
        for _ in 0..<200 {
            let text = documents.string()
            let expected = try JSONDecoder().decode(String.self, from: Data(text.utf8))
            let read = try Array(text.utf8).withUnsafeBufferPointer { bytes in
                var scanner = JSONScanner(bytes)
                return try scanner.string()
            }
            #expect(read.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(text)")
        }
    }
}

/// Small JSON documents, the same for the same seed.
private struct JSONDocuments {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func document() -> String { space() + value(depth: 0) + space() }

    mutating func string() -> String {
        let atoms = [
            "a", "7", " ", "/", "'", "ж", "é", "e\u{301}", "🛒", "\u{7F}", "\u{2028}", #"\""#, #"\\"#, #"\/"#, #"\b"#,
            #"\f"#,
            #"\n"#, #"\r"#, #"\t"#, #"\u0041"#, #"\u00e9"#, #"\uD83D\uDE00"#, #"\ufffd"#, #"\u0001"#,
        ]
        return "\"" + (0..<Int.random(in: 0...5, using: &generator)).map { _ in pick(atoms) }.joined() + "\""
    }

    mutating func mutated(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        let others = Array(#"{}[]:,"'\/ 0123456789-+.eEtrufalsn#xX"#.unicodeScalars) + ["\t", "\n", "ж", "\u{1}"]
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let index = scalars.isEmpty ? 0 : Int.random(in: scalars.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where !scalars.isEmpty: scalars.remove(at: index)
            case 1 where !scalars.isEmpty: scalars[index] = others.randomElement(using: &generator) ?? " "
            case 2 where !scalars.isEmpty: scalars.swapAt(index, Int.random(in: scalars.indices, using: &generator))
            default: scalars.insert(others.randomElement(using: &generator) ?? " ", at: index)
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 4 ? 8 : 5), using: &generator) {
        case 0: return pick(["true", "false", "null"])
        case 1, 2: return number()
        case 3, 4: return string()
        case 5, 6:
            // Each name has its own number, so that all are unique.
            let members = (0..<Int.random(in: 0...4, using: &generator)).map { index in
                "\(space())\"\(index)\(string().dropFirst())\(space()):\(space())\(value(depth: depth + 1))\(space())"
            }
            return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
        default:
            let elements = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                space() + value(depth: depth + 1) + space()
            }
            return "[" + (elements.isEmpty ? space() : elements.joined(separator: ",")) + "]"
        }
    }

    private mutating func number() -> String {
        pick(["", "-"]) + pick(["0", "7", "10", "42", "9223372036854775807", "1234567890123"])
            + pick(["", "", ".0", ".5", ".125"]) + pick(["", "", "e1", "E+2", "e-3"])
    }

    private mutating func space() -> String { pick(["", "", "", " ", "\n", "\t", "\r\n"]) }

    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &generator) ?? "" }
}
