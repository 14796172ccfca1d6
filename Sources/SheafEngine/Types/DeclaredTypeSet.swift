public import SheafCore

/// A set of types that are declared in files, read and free of mistakes.
public protocol DeclaredTypeSet: Sendable {
    /// What is stored of it: equal texts are equal sets.
    var canonicalText: String { get }

    /// What people see of the types.
    var descriptions: [TypeDescription] { get }

    /// A text for each type by its name: equal texts are equal types.
    var contents: [String: String] { get }

    /// The types as the engine takes them.
    ///
    /// - Parameter codes: the number that the store has for each name.
    func eventTypes(codes: [String: EventTypeCode]) -> [EventType]

    /// What this process lacks to use the types, a line each with its place: none if it can use all.
    var needs: [String] { get }

    /// What would be told of events of a type; `nil` if the set has none of this name.
    ///
    /// - Parameters:
    ///   - request: its language and its zone are known ones.
    ///   - head: who would read it, and when the events happened.
    /// - Throws: ``SheafError`` with the field of what is wrong with an event, or with what the type's service would
    ///   answer.
    func preview(
        _ type: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview?

    /// What would go wrong with live windows of `old` if this set took its place.
    func obstacles(since old: Self) -> [TypeObstacle]
}

/// A change of a type that has to wait until no window of it lives.
public struct TypeObstacle: Hashable, Sendable {
    /// The type's name.
    public let type: String
    /// `file:line:column: what, and what would be right`
    public let line: String

    public init(type: String, line: String) {
        self.type = type
        self.line = line
    }
}

/// Why a set of declared types is refused as a whole: at least one line, each a mistake with its place.
public struct TypeMistakes: Error, Hashable, Sendable, CustomStringConvertible {
    public let lines: [String]

    public init(_ lines: [String]) { self.lines = lines }

    public var description: String { lines.joined(separator: "\n") }
}

/// How a set of declared types differs from the one that is in use.
public enum TypeSetComparison: Hashable, Sendable {
    /// None is stored yet.
    case unstored
    case same(revision: Int)
    /// What would change; an earlier revision may have been the same set, and a start then leaves things as they are.
    case differs(AppliedTypesDocument, isFormer: Bool)
}

/// What asks for declared types to be shown and put to use.
public protocol TypeAdministration: Sendable {
    /// All types of now.
    func list() -> TypeListDocument

    /// What would be told of events of a type. No service is called, and nothing is stored.
    ///
    /// - Parameter head: who would read it and when the events happened; `nil` for a sample recipient, now.
    /// - Throws: ``SheafError`` `not_found`; `invalid` or `bad_payload` with the field.
    func preview(_ name: String, _ request: PreviewRequest, for head: EventHead?) async throws -> TypePreviewDocument

    /// Reads the configured folder and puts its types to use.
    ///
    /// - Throws: ``TypeMistakes`` if the set is refused; what is in use then stays.
    func reload() async throws -> AppliedTypesDocument
}
