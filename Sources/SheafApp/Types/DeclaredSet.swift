public import DeclaredTypes
import Foundation
import MessageFormat
public import SheafCore
public import SheafEngine

/// A set of declared types as the engine uses it.
public struct DeclaredSet: DeclaredTypeSet {
    public let declared: TypeSet
    private let defaults: TextContext
    private let hooks: HookCalls
    /// The codes of the built-in types by name.
    private let builtIn: [String: EventTypeCode]

    /// - Parameters:
    ///   - builtIn: the built-in types.
    ///   - defaults: the language and zone of texts if the recipient named none.
    ///   - hooks: calls the services of types.
    public init(_ declared: TypeSet, beside builtIn: [EventType], _ defaults: TextContext, hooks: HookCalls) {
        self.declared = declared
        self.defaults = defaults
        self.hooks = hooks
        self.builtIn = Dictionary(builtIn.map { ($0.name, $0.code) }) { first, _ in first }
    }

    public var canonicalText: String { declared.canonicalText }

    public var contents: [String: String] {
        Dictionary(declared.types.map { ($0.name, $0.canonicalText) }) { first, _ in first }
    }

    public var descriptions: [TypeDescription] { declared.types.map(TypeDescription.init) }

    public func eventTypes(codes: [String: EventTypeCode]) -> [EventType] {
        let all = codes.merging(builtIn) { declared, _ in declared }
        return declared.types.compactMap { type in
            codes[type.name].flatMap { type.eventType(code: $0, among: all, defaults, asking: hooks) }
        }
    }

    public var needs: [String] {
        declared.secretFindings { hooks.fault(ofSecretIn: $0) }.map(\.description)
    }

    public func preview(
        _ type: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview? {
        guard let type = declared.type(named: type) else { return nil }
        let reader = TextContext(
            languages: [request.locale.flatMap { LanguageTag($0) }].compactMap(\.self) + defaults.languages,
            timeZone: request.timeZone.flatMap { TimeZone(identifier: $0) } ?? defaults.timeZone)
        let preview = try await type.windowPreview(
            of: request.events, for: head, reader, enrich: request.enrich)
        return TypePreview(
            composition: preview.composition, events: preview.events,
            leftOut: preview.leftOut.map { TypePreview.LeftOut(event: $0.event, reason: $0.reason) },
            windows: preview.windows, notes: type.previewNotes(isAnswered: request.enrich != nil))
    }

    public func obstacles(since old: DeclaredSet) -> [TypeObstacle] {
        declared.obstacles(since: old.declared).map { TypeObstacle(type: $0.type, line: $0.finding.description) }
    }
}

extension TypeDescription {
    fileprivate init(_ type: TypeDeclaration) {
        self.init(
            name: type.name, topic: type.topic, category: type.category, importance: type.importance.rawValue,
            fields: type.fields.map { Field(name: $0.name, type: $0.kind.text, optional: $0.isOptional) },
            key: type.key,
            delivery: Delivery(type.delivery.policy), languages: type.texts.map(\.language.text),
            isRetired: type.isRetired)
        condition = type.conditionText
        distinct = type.distinct
        returns = type.hook.map { hook in
            hook.returns.sorted { $0.key < $1.key }.map { Field(name: $0, type: $1.text, optional: nil) }
        }
        texts = Dictionary(type.texts.map { ($0.language.text, $0.sources) }) { first, _ in first }
        retracts = type.retraction.map { Retracts(type: $0.type, by: $0.fields) }
        sample = type.examples.first?.payloads
        example = type.examples.first.map { example in
            Example(
                name: example.name, locale: example.language?.text, timeZone: example.timeZone?.identifier,
                now: example.now, enrich: example.answerJSON)
        }
    }
}

extension TypeDeclaration {
    /// Remarks on a preview.
    fileprivate func previewNotes(isAnswered: Bool) -> [String] {
        var notes: [String] = []
        if isRetired { notes.append("the type is retired and accepts no new events, so `when` was not checked") }
        if hook != nil {
            notes.append(
                isAnswered
                    ? "the service that enrich names was not called; the request's answer was used"
                    : "the service that enrich names was not called, so the texts are without what it returns")
        }
        return notes
    }
}

extension TypeTexts {
    /// The texts as written in files, by name.
    fileprivate var sources: [String: String] {
        Dictionary(Part.allCases.compactMap { part in source(of: part).map { (part.rawValue, $0) } }) { first, _ in
            first
        }
    }
}
