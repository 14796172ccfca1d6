public import DeclaredTypes
import MessageFormat
public import SheafCore
public import SheafEngine

/// A set of declared types as the engine takes it.
public struct DeclaredSet: DeclaredTypeSet {
    public let declared: TypeSet
    private let defaults: TextContext
    private let hooks: HookCalls
    /// The codes of the program's own types by their names.
    private let builtIn: [String: EventTypeCode]

    /// - Parameters:
    ///   - builtIn: the program's own types.
    ///   - defaults: for whom texts are made if the recipient did not say.
    ///   - hooks: asks the services of types.
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
    }
}
