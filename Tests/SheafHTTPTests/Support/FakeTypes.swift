import SheafCore
import SheafEngine
import Synchronization

/// One declared type, named by its set.
struct FakeTypeSet: DeclaredTypeSet {
    let canonicalText: String
    var contents: [String: String] { [canonicalText: ""] }
    var descriptions: [TypeDescription] {
        [
            TypeDescription(
                name: canonicalText, topic: nil, category: "general", importance: "normal",
                fields: [.init(name: "stars", type: "integer", optional: true)], key: [], delivery: .init(.immediate),
                languages: ["en"])
        ]
    }
    func eventTypes(codes: [String: EventTypeCode]) -> [EventType] {
        codes.map { EventType($0, code: $1, delivery: .immediate, factory: TestTypes.Factory()) }
    }
    var needs: [String] { [] }

    func obstacles(since old: Self) -> [TypeObstacle] { [] }

    /// Returns the request itself.
    func preview(
        _ type: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview? {
        guard type == canonicalText else { return nil }
        if request.enrich == "{}" { throw SheafError(.badPayload, field: "events[1].data.stars", "is missing") }
        let text = request.events.joined(separator: ",")
        return TypePreview(
            composition: .notification(
                NotificationContent(
                    listTitle: text, listDescription: "\(head.recipient)", fullTitle: request.locale ?? "",
                    fullText: request.timeZone ?? "", url: "https://example.com", locale: "en")),
            events: request.events.count, leftOut: [.init(event: 1, reason: "not_matching")], notes: ["made up"])
    }
}

/// A folder with one type, or with mistakes.
final class FakeFolder: Sendable {
    private let content = Mutex<Result<String, TypeMistakes>>(.success("news"))

    func set(_ content: Result<String, TypeMistakes>) { self.content.withLock { $0 = content } }

    func read() throws -> FakeTypeSet { FakeTypeSet(canonicalText: try content.withLock(\.self).get()) }
}
