import Foundation
import Loyalty
import MessageFormat
import SheafCore
import Testing

@testable import DeclaredTypes

/// The set that some files declare.
func set(_ files: [String: String], builtIn: [EventType] = []) throws(Findings) -> TypeSet {
    try TypeSet(TypeFolder(files), builtIn: builtIn)
}

/// The type that one file declares.
func declared(_ yaml: String, name: String = "sample", categories: String? = nil) throws -> TypeDeclaration {
    var files = ["\(name).yaml": yaml]
    files["_categories.yaml"] = categories
    return try #require(try set(files).type(named: name))
}

/// The mistakes of one file, without its name.
func mistakes(_ yaml: String, name: String = "sample", others: [String: String] = [:]) -> [String] {
    do throws(Findings) {
        _ = try set(others.merging(["\(name).yaml": yaml]) { $1 })
        return []
    } catch {
        return error.all.map { "\($0.position.line):\($0.position.column): \($0.message)" }
    }
}

let english = TextContext(languages: ["en"].compactMap { LanguageTag($0) })

/// A type with some fields and an English text.
func sample(
    data: String = "{item_id: id, author: string?}", _ listTitle: String, more: String = "", language: String = "en"
) throws -> TypeDeclaration {
    try declared("data: \(data)\n\(more)\ntexts:\n  \(language):\n    list_title: \"\(listTitle)\"\n")
}

extension TypeDeclaration {
    func event(_ data: String, recipient: RecipientID = 42) -> Event {
        Event(
            IncomingEvent(source: "test", type: name, recipient: recipient, data: data), type: 1,
            at: TypeExample.usualNow)
    }

    /// The content of a notification of events with these payloads.
    func content(_ payloads: [String], _ context: TextContext = english) async throws -> NotificationContent {
        let type = try #require(eventType(code: 1, context))
        guard case .notification(let content) = try await type.compose(payloads.map { event($0) }) else {
            throw SheafError(.notFound, "there is no notification")
        }
        return content
    }

    /// The place of an event.
    func classify(_ payload: String, recipient: RecipientID = 42, occurredAt: Timestamp? = nil) throws
        -> EventClassification
    {
        let type = EventType(
            name, code: 1, delivery: .immediate, definition: DeclaredDefinition(self, english))
        let incoming = IncomingEvent(
            source: "test", type: name, recipient: recipient, occurredAt: occurredAt, data: payload)
        return try type.classify(incoming, at: TypeExample.usualNow)
    }
}

let builtIn = LoyaltyCatalog.types(language: .russian, services: LoyaltyServices())
