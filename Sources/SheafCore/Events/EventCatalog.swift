/// The event types of a program, found by name, by code and by topic.
public struct EventCatalog: Sendable {
    /// The types, by code.
    public let types: [EventType]
    private let byName: [String: EventType]
    private let byCode: [EventTypeCode: EventType]
    private let byTopic: [String: EventType]
    /// The codes of the types that are declared in files.
    public let declaredCodes: Set<EventTypeCode>
    /// Names of declared types by code, those of types that are gone among them.
    var formerNames: [EventTypeCode: String]

    /// - Parameter formerNames: names of declared types by code, those of types that are gone among them.
    /// - Throws: ``SheafError`` `invalid` if two types share a name, a code or a topic, or a name has a character
    ///   other than lower-case letters, digits and underscores.
    public init(_ types: [EventType], formerNames: [EventTypeCode: String] = [:]) throws(SheafError) {
        var byName: [String: EventType] = [:]
        var byCode: [EventTypeCode: EventType] = [:]
        var byTopic: [String: EventType] = [:]
        for type in types {
            guard Self.isValid(type.name) else {
                throw SheafError(
                    .invalid, field: type.name,
                    "an event type's name has lower-case letters, digits and underscores only")
            }
            if byName.updateValue(type, forKey: type.name) != nil {
                throw SheafError(.invalid, field: type.name, "two event types have this name")
            }
            if let other = byCode.updateValue(type, forKey: type.code) {
                throw SheafError(.invalid, field: type.name, "has the code \(type.code), as \(other.name) has")
            }
            if let topic = type.topic, let other = byTopic.updateValue(type, forKey: topic) {
                throw SheafError(.invalid, field: type.name, "has the topic \(topic), as \(other.name) has")
            }
        }
        self.types = types.sorted { $0.code < $1.code }
        self.byName = byName
        self.byCode = byCode
        self.byTopic = byTopic
        declaredCodes = Set(byCode.keys.filter { $0 >= EventType.firstDeclaredCode })
        self.formerNames = formerNames
    }

    /// Whether `code` is of a declared type that is not in the catalog: this process is behind, or the type is gone.
    public func isForeign(_ code: EventTypeCode) -> Bool {
        code >= EventType.firstDeclaredCode && byCode[code] == nil
    }

    func hasName(of code: EventTypeCode) -> Bool { byCode[code] != nil || formerNames[code] != nil }

    public func type(named name: String) -> EventType? { byName[name] }
    public func type(code: EventTypeCode) -> EventType? { byCode[code] }
    /// The type whose topic has these very bytes: for `String` the Kelvin sign is a K.
    public func type(topic: String) -> EventType? {
        byTopic[topic].flatMap { $0.topic?.utf8.elementsEqual(topic.utf8) == true ? $0 : nil }
    }

    /// The type that a producer means: by its name, or by its topic, as a CloudEvent and a record of a topic may.
    public func type(of producersName: String) -> EventType? {
        type(named: producersName) ?? type(topic: producersName)
    }

    /// The catalog with each type's delivery policy replaced by what `policy` says.
    public func delivering(_ policy: (EventType) throws(SheafError) -> DeliveryPolicy) throws(SheafError)
        -> EventCatalog
    {
        var replaced: [EventType] = []
        for type in types { replaced.append(type.delivered(try policy(type))) }
        return try EventCatalog(replaced, formerNames: formerNames)
    }

    private static func isValid(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { character in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) || character == UInt8(ascii: "_")
            }
    }
}

// MARK: - Types and window keys as clients see them

extension EventCatalog {
    /// The name of the type with `code`; the code itself where the catalog has none.
    public func name(of code: EventTypeCode) -> String { type(code: code)?.name ?? formerNames[code] ?? String(code) }

    /// The key as clients see it: `sale_item_changed:42:7`, the type by name.
    public func text(of key: WindowKey) -> String {
        key.text(type: name(of: key.type))
    }

    /// The key that `text` names; `nil` if it names none.
    public func windowKey(_ text: String) -> WindowKey? {
        WindowKey(text) { name in
            type(named: name)?.code ?? formerNames.first { $0.value == name }?.key ?? Int(name)
        }
    }
}
