public import DeclaredTypes
import MessageFormat
public import SheafCore
public import SheafEngine

/// A set of declared types as the engine takes it.
public struct DeclaredSet: DeclaredTypeSet {
    public let declared: TypeSet
    private let context: TextContext

    /// - Parameter context: whom texts are made for, as long as recipients have no settings of their own.
    public init(_ declared: TypeSet, _ context: TextContext) {
        self.declared = declared
        self.context = context
    }

    public var canonicalText: String { declared.canonicalText }

    public var contents: [String: String] {
        Dictionary(declared.types.map { ($0.name, $0.canonicalText) }) { first, _ in first }
    }

    public var descriptions: [TypeDescription] { declared.types.map(TypeDescription.init) }

    public func eventTypes(codes: [String: EventTypeCode]) -> [EventType] {
        declared.types.compactMap { type in codes[type.name].flatMap { type.eventType(code: $0, context) } }
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
