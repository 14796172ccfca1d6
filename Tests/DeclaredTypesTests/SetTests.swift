import Foundation
import MessageFormat
import SheafCore
import Testing

@testable import DeclaredTypes

@Suite("Sets of types")
struct SetTests {
    private let text = """
        # A comment.
        category: news
        data: {a: id, b: [x, y], c: {type: string, max_length: 5}}
        key: [a, b]
        when: |
          data.a > 0
        texts:
          en: {list_title: "{count} \\u00e9 \\"x\\""}
          ru: {list_title: 'т'}
        examples:
          - {name: n, events: [{data: {a: 1, b: x, c: z}}], expect: {list_title: 1 é "x"}}
        """

    @Test("The canonical text does not depend on the form, and gives the same set")
    func canonical() throws {
        let categories = "news:\n  title:\n    en: News\n"
        let one = try set(["a.yaml": text, "_categories.yaml": categories])
        let other = try set([
            "_categories.yaml": "{'news': {title: {en: \"News\"}}}",
            "a.yaml": """
            texts: {ru: {list_title: т}, en: {list_title: '{count} é "x"'}}
            when: "data.a > 0\\n"
            examples: [{expect: {list_title: '1 é "x"'}, name: n, events: [{data: {c: z, b: x, a: "1"}}]}]
            key: [a, b]
            data:
              c: {max_length: 5, type: string}
              b: [x, y]
              a: id
            category: news
            """,
        ])
        #expect(one.canonicalText == other.canonicalText && one.digest == other.digest)
        let again = try TypeSet(canonicalText: one.canonicalText, builtIn: builtIn)
        #expect(again.canonicalText == one.canonicalText)
        #expect(again.types.map(\.name) == ["a"] && again.categories.map(\.name) == ["general", "news"])
        #expect(one.digest.count == 64 && one.digest.allSatisfy(\.isHexDigit))
        let changed = try set(["a.yaml": text.replacing("[x, y]", with: "[x, y, z]"), "_categories.yaml": categories])
        #expect(changed.digest != one.digest)
        #expect(try set([:]).digest == TypeSet(canonicalText: set([:]).canonicalText, builtIn: []).digest)
    }

    @Test("Long sets are also read from their canonical text")
    func long() throws {
        let title = String(repeating: "word ", count: 3000)
        var files: [String: String] = [:]
        for index in 0..<30 { files["t\(index).yaml"] = "data: {}\ntexts: {en: {list_title: '\(title)'}}" }
        let one = try set(files)
        #expect(try TypeSet(canonicalText: one.canonicalText, builtIn: []).types.count == 30)
    }

    @Test("Every member is read")
    func members() throws {
        let type = try declared(
            """
            topic: reviews.published
            category: reviews
            importance: low
            expires: 2d
            data:
              item_id: id
              stars: integer
              author: string?
              state: {type: [open, closed], optional: true}
              note: {type: string?, max_length: 10}
            key: [item_id]
            delivery: {mode: sliding, window: 5m, max_wait: 30m, max_events: 50}
            when: data.stars <= 3
            distinct: author
            enrich: {url: "https://example.com/enrich", secret_env: SECRET, timeout: 3s, needed: false, returns: {title: string}}
            retired: true
            texts: {no: {list_title: yes}}
            """,
            categories:
                "reviews: {title: {en: Reviews}, optional: false, cap: 3/1d, max_wait: 7d, quiet_hours: none, was: [old]}"
        )
        #expect(type.topic == "reviews.published" && type.category == "reviews" && type.importance == .low)
        #expect(type.expires == .seconds(2 * 86_400) && type.key == ["item_id"] && type.distinct == "author")
        #expect(
            type.fields == [
                DeclaredField("item_id", .id), DeclaredField("stars", .integer),
                DeclaredField("author", .string, isOptional: true),
                DeclaredField("state", .enumeration(["open", "closed"]), isOptional: true),
                DeclaredField("note", .string, isOptional: true, maxLength: 10),
            ])
        #expect(
            type.delivery
                == .window(.init(mode: .sliding, length: .seconds(300), maxWait: .seconds(1800), maxEvents: 50)))
        #expect(type.conditionText == "data.stars <= 3" && type.isRetired)
        #expect(
            type.hook
                == EnrichHook(
                    url: "https://example.com/enrich", secretVariable: "SECRET", timeout: .seconds(3), isNeeded: false,
                    returns: ["title": .string]))
        #expect(type.texts.map(\.language.text) == ["no"] && type.texts.first?.source(of: .listTitle) == "yes")
    }

    @Test("What takes no effect yet is noticed, a line a file")
    func notices() throws {
        let text = "data: {}\ntexts: {en: {list_title: t}}\n"
        let set = try set([
            "b.yaml": text + "expires: 2d", "a.yaml": text + "importance: low",
            "_categories.yaml":
                "one: {title: {en: One}, cap: 3/1d}\ntwo: {title: {en: Two}, optional: true, cap: 1/1d}",
        ])
        #expect(
            set.notices == [
                "_categories.yaml: notice: optional, cap take no effect yet",
                "b.yaml: notice: expires takes no effect yet",
            ])
    }

    @Test("What breaks against an older set is listed")
    func breaks() throws {
        let old = try set([
            "gone.yaml": "data: {}\ntexts: {en: {list_title: t}}",
            "a.yaml": """
            topic: t
            data: {a: id, b: [x, y], c: string, d: string?, k: id}
            key: [k]
            texts: {en: {list_title: t}}
            """,
            "_categories.yaml": "one: {title: {en: One}}\ntwo: {title: {en: Two}}",
        ])
        let new = try set([
            "a.yaml": """
            data:
              a: integer
              b: [x, z]
              c: {type: string, max_length: 5}
              d: string
              e: id
              k: id
            key: [a]
            texts: {en: {list_title: t}}
            """,
            "_categories.yaml": "three: {title: {en: One}, was: [one]}",
        ])
        let lines = new.breaks(since: old).map(\.description)
        #expect(lines.count == 9, "\(lines)")
        for part in [
            "a.yaml:2:3: data.a: was id and is integer", "a.yaml:3:3: data.b: takes y no more",
            "a.yaml:4:3: data.c: max_length was unbounded and is 5", "a.yaml:5:3: data.d: was optional",
            "a.yaml:6:3: data.e: is new and required", "a.yaml:8:6: key: was [k]", "topic: was t", "gone is gone",
            "the category two is gone",
        ] {
            #expect(lines.contains { $0.contains(part) }, "\(part)")
        }
        #expect(old.breaks(since: old).isEmpty)
    }

    @Test("Texts are shown for counts")
    func counts() throws {
        let type = try sample("{count, plural, =0 {none} one {# item by {last_item_id}} other {# items}}")
        #expect(
            type.countTable() == """
                sample en list_title
                   0  none
                   1  1 item by ‹last_item_id›
                   2  2 items
                   5  5 items
                  21  21 items
                """)
        let list = try sample("{list_item_id}{more_item_id, plural, =0 {} other { and # more}}")
        #expect(
            list.countTable().hasSuffix(
                """
                   2  ‹list_item_id› and ‹list_item_id›
                   5  ‹list_item_id›, ‹list_item_id›, and ‹list_item_id› and 2 more
                  21  ‹list_item_id›, ‹list_item_id›, and ‹list_item_id› and 18 more
                """))
    }
}

@Suite("Folders of types")
struct FolderTests {
    @Test("Links are followed; hidden files and other extensions are ignored")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let good = "data: {}\ntexts: {en: {list_title: t}}"
        try write(".hidden.yaml", "bad: [")
        try write("README.md", "bad: [")
        try write("a.yaml", good)
        try write(".b", good)
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "b.yml"), withDestinationURL: folder.appending(path: ".b"))
        let set = try TypeSet(TypeFolder(path: folder.path + "/"), builtIn: [])
        #expect(set.types.map(\.name) == ["a", "b"])

        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "c.yaml"), withDestinationURL: folder.appending(path: "nothing"))
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "d.yaml"), withDestinationURL: URL(filePath: "/dev/zero"))
        try FileManager.default.createDirectory(at: folder.appending(path: "e.yaml"), withIntermediateDirectories: true)
        #expect(throws: Findings.self) { try TypeFolder(path: folder.path) }
        do throws(Findings) { _ = try TypeFolder(path: folder.path) } catch {
            #expect(error.all.map(\.message).allSatisfy { $0.hasPrefix("is no file") } && error.all.count == 3)
        }
    }

    @Test("A missing folder is a mistake")
    func missing() { #expect(throws: Findings.self) { try TypeFolder(path: "/nowhere/at/all") } }
}
