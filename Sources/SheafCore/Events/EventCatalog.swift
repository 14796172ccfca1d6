/// The event types of a program, found by name, code or topic.
public struct EventCatalog: Sendable {
    /// The types, by code.
    public let types: [EventType]
    private let byName: [String: EventType]
    private let byCode: [EventTypeCode: EventType]
    private let byTopic: [String: EventType]
    /// The codes of the types that are declared in files.
    public let declaredCodes: Set<EventTypeCode>
    /// Names of declared types by code, including removed types.
    var formerNames: [EventTypeCode: String]

    /// - Parameter formerNames: names of declared types by code, including removed types.
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

    /// Whether `code` is of a declared type that is not in the catalog: this process is behind, or the type was
    /// removed.
    public func isForeign(_ code: EventTypeCode) -> Bool {
        code >= EventType.firstDeclaredCode && byCode[code] == nil
    }

    func hasName(of code: EventTypeCode) -> Bool { byCode[code] != nil || formerNames[code] != nil }

    public func type(named name: String) -> EventType? { byName[name] }
    public func type(code: EventTypeCode) -> EventType? { byCode[code] }
    /// The type whose topic has exactly these bytes; `String` would compare the Kelvin sign equal to K.
    public func type(topic: String) -> EventType? {
        byTopic[topic].flatMap { $0.topic?.utf8.elementsEqual(topic.utf8) == true ? $0 : nil }
    }

    /// The type that a producer names, by its name or by its topic. CloudEvents and records of a topic may use the
    /// topic.
    public func type(of producersName: String) -> EventType? {
        type(named: producersName) ?? type(topic: producersName)
    }

    /// The catalog with the delivery policy that `policy` returns for each type.
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
    /// The name of the type with `code`, or the code itself if the catalog has no such type.
    public func name(of code: EventTypeCode) -> String { type(code: code)?.name ?? formerNames[code] ?? String(code) }

    /// The key as clients see it, with the type's name: `sale_item_changed:42:7`.
    public func text(of key: WindowKey) -> String {
        key.text(type: name(of: key.type))
    }

    /// Reads a key that clients use; `nil` if `text` is none.
    public func windowKey(_ text: String) -> WindowKey? {
        WindowKey(text) { name in
            type(named: name)?.code ?? formerNames.first { $0.value == name }?.key ?? Int(name)
        }
    }
}
