public import DeclaredTypes
import MessageFormat
public import SheafCore
public import SheafEngine

/// A set of declared types as the engine takes it.
public struct DeclaredSet: DeclaredTypeSet {
    public let declared: TypeSet
    private let defaults: TextContext
    private let hooks: HookCalls

    /// - Parameters:
    ///   - defaults: for whom texts are made if the recipient did not say.
    ///   - hooks: asks the services of types.
    public init(_ declared: TypeSet, _ defaults: TextContext, hooks: HookCalls) {
        self.declared = declared
        self.defaults = defaults
        self.hooks = hooks
    }

    public var canonicalText: String { declared.canonicalText }

    public var contents: [String: String] {
        Dictionary(declared.types.map { ($0.name, $0.canonicalText) }) { first, _ in first }
    }

    public var descriptions: [TypeDescription] { declared.types.map(TypeDescription.init) }

    public func eventTypes(codes: [String: EventTypeCode]) -> [EventType] {
        declared.types.compactMap { type in
            codes[type.name].flatMap { type.eventType(code: $0, defaults, asking: hooks) }
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
            delivery: Delivery(type.delivery), languages: type.texts.map(\.language.text), isRetired: type.isRetired)
    }
}

extension TypeDescription.Delivery {
    fileprivate init(_ delivery: TypeDelivery) {
        switch delivery {
        case .immediate: self.init(DeliveryPolicy.immediate)
        case .window(let policy): self.init(DeliveryPolicy.debounced(policy))
        case .scheduled(let schedule):
            self.init(
                at: schedule.at.text,
                days: DeliverySchedule.Day.allCases.filter(schedule.days.contains).map(\.rawValue))
        }
    }
}
