import Foundation
import Testing

@testable import DeclaredTypes

@Suite("The schema for editors")
struct SchemaTests {
    private func schema(_ name: String) throws -> [String: Any] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/\(name)")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file.standardized))
        return try #require(object as? [String: Any])
    }

    /// The names under `properties` of the schema at a path.
    private func members(_ schema: [String: Any], _ path: String...) throws -> Set<String> {
        var current: Any = schema
        for part in path {
            if let index = Int(part) {
                current = try #require((current as? [Any])?[index])
            } else {
                current = try #require((current as? [String: Any])?[part], "\(part)")
            }
        }
        let object = try #require(current as? [String: Any])
        #expect(object["additionalProperties"] as? Bool == false, "\(path)")
        return Set(try #require(object["properties"] as? [String: Any]).keys)
    }

    @Test("It has exactly the members of files")
    func types() throws {
        let schema = try schema("types.schema.json")
        #expect(try members(schema) == Set(TypeDeclaration.members))
        #expect(try members(schema, "$defs", "texts") == Set(TypeTexts.Part.allCases.map(\.rawValue)))
        #expect(try members(schema, "$defs", "example") == Set(TypeExample.members))
        #expect(try members(schema, "$defs", "settings") == Set(TypeExample.settingMembers))
        #expect(
            try members(schema, "$defs", "notification").union(["suppressed"]) == Set(TypeExample.expectationMembers))
        #expect(try members(schema, "$defs", "event") == Set(TypeExample.eventMembers))
        #expect(try members(schema, "$defs", "enrich") == Set(EnrichHook.members))
        #expect(try members(schema, "$defs", "retracts") == Set(Retraction.members))
        #expect(
            try members(schema, "$defs", "window").union(members(schema, "$defs", "schedule"))
                == Set(TypeFileReader.deliveryMembers))
        let words = try #require((schema["$defs"] as? [String: [String: Any]])?["kind"]?["enum"] as? [String])
        #expect(Set(words) == Set(DeclaredField.Kind.words.flatMap { [$0.word, $0.word + "?"] }))
        #expect(
            try members(self.schema("types-categories.schema.json"), "additionalProperties")
                == Set(CategoryReader.members))
    }
}
