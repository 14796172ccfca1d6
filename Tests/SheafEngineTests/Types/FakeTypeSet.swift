import SheafCore

@testable import SheafEngine

/// A set as a text: `news:1 sports:2` are two types, each with a version. A type with `!` has a mistake. A version that
/// begins with `k` has another key; one that begins with `n` needs something that the process lacks.
struct FakeTypeSet: DeclaredTypeSet {
    let canonicalText: String
    let contents: [String: String]

    init(_ text: String) throws {
        guard !text.contains("!") else { throw TypeMistakes(["set:1:1: has a !"]) }
        canonicalText = text
        let pairs = text.split(separator: " ").map { $0.split(separator: ":").map(String.init) }
        contents = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
    }

    var descriptions: [TypeDescription] {
        contents.keys.sorted().map {
            TypeDescription(
                name: $0, topic: nil, category: "general", importance: "normal", fields: [], key: [],
                delivery: .init(.immediate), languages: [])
        }
    }

    var needs: [String] {
        contents.filter { $0.value.hasPrefix("n") }.keys.sorted().map { "\($0) needs a secret" }
    }

    func eventTypes(codes: [String: EventTypeCode]) -> [EventType] {
        contents.map { name, version in
            EventType(
                name, code: codes[name] ?? 0, delivery: .debounced(WindowPolicy()),
                factory: TestFactory { texts, _ in
                    let text = "\(version): " + texts.joined(separator: "+")
                    return .notification(
                        NotificationContent(listTitle: text, listDescription: "", fullTitle: text, fullText: text))
                })
        }
    }

    func preview(
        _ type: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview? {
        contents[type].map { version in
            let text = "\(version) for \(head.recipient): \(request.locale ?? "") \(request.timeZone ?? "")"
            return TypePreview(
                composition: .notification(
                    NotificationContent(listTitle: text, listDescription: "", fullTitle: "", fullText: "")),
                events: request.events.count)
        }
    }

    func obstacles(since old: FakeTypeSet) -> [TypeObstacle] {
        old.contents.compactMap { name, version in
            let isKept = contents[name].map { $0.hasPrefix("k") == version.hasPrefix("k") } ?? false
            return isKept ? nil : TypeObstacle(type: name, line: "\(name) has live windows")
        }
    }
}
