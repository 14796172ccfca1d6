import Foundation
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Mangled files", .timeLimit(.minutes(1)))
struct MangledFilesTests {
    private static let pieces = [
        "{", "}", "[", "]", ":", ": ", "\n", "\n  ", "'", "\"", "|", ">", "&a", "*a", "!!x ", "#", "?", "- ", "\t",
        "\\", "{count}",
        ", plural, ", "\u{0}", "\u{2028}", "é", "😀", "\u{FEFF}", "%", "@", "---", "...", "<<", "data.", "&&",
        "99999999999999999999",
    ]

    @Test("They are either read or refused with a position", arguments: 0..<8)
    func mangled(seed: UInt64) async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../examples/types")
            .standardized
        var random = SplitMix64(seed: seed)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".yaml") {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for _ in 0..<8 {
                var scalars = Array(text.unicodeScalars)
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<scalars.count, using: &random)
                    if Bool.random(using: &random) {
                        let end = min(scalars.count, place + Int.random(in: 1...6, using: &random))
                        scalars.removeSubrange(place..<end)
                    } else {
                        let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
                        scalars.insert(contentsOf: Array(piece.unicodeScalars), at: place)
                    }
                }
                let mangled = scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
                let lines = SourceLines(mangled)
                do throws(Findings) {
                    let categories = ["social", "shopping", "builds", "summaries"].map { "\($0): {title: {en: a}}\n" }
                        .joined()
                    let set = try set(["_categories.yaml": categories].merging([name: mangled]) { $1 })
                    for type in set.types { _ = await type.runExamples(english) }
                } catch {
                    #expect(
                        error.all.allSatisfy { (1...lines.count).contains($0.position.line) && $0.position.column >= 1 }
                    )
                }
            }
        }
    }
}
