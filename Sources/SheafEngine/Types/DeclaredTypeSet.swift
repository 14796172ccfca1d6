public import SheafCore

/// A valid set of types that are declared in files.
public protocol DeclaredTypeSet: Sendable {
    /// The text that is stored: equal texts are equal sets.
    var canonicalText: String { get }

    /// What people see of the types.
    var descriptions: [TypeDescription] { get }

    /// A text for each type by its name: equal texts are equal types.
    var contents: [String: String] { get }

    /// The types in the form that the engine uses.
    ///
    /// - Parameter codes: the store's code for each name.
    func eventTypes(codes: [String: EventTypeCode]) -> [EventType]

    /// What this process lacks to use the types, one line each with its place in the files; empty if it lacks nothing.
    var needs: [String] { get }

    /// The notification that events of a type would give; `nil` if the set has no type of this name.
    ///
    /// - Parameters:
    ///   - request: its language and its zone are valid.
    ///   - head: the recipient and when the events happened.
    /// - Throws: ``SheafError`` with the field that is wrong in an event or in the assumed response of the type's
    ///   service.
    func preview(
        _ type: String, _ request: PreviewRequest, for head: EventHead
    ) async throws -> TypePreview?

    /// The problems of live windows of `old` if this set replaced it.
    func obstacles(since old: Self) -> [TypeObstacle]
}

/// A change of a type that must wait until the type has no live windows.
public struct TypeObstacle: Hashable, Sendable {
    /// The type's name.
    public let type: String
    /// `file:line:column: problem, and how to correct it`
    public let line: String

    public init(type: String, line: String) {
        self.type = type
        self.line = line
    }
}

/// Why a whole set of declared types is refused: one or more lines, each a mistake with its place.
public struct TypeMistakes: Error, Hashable, Sendable, CustomStringConvertible {
    public let lines: [String]

    public init(_ lines: [String]) { self.lines = lines }

    public var description: String { lines.joined(separator: "\n") }
}

/// How a set of declared types differs from the one in use.
public enum TypeSetComparison: Hashable, Sendable {
    /// No set is stored yet.
    case unstored
    case same(revision: Int)
    /// What would change. If an earlier revision held the same set, a start does not apply it again.
    case differs(AppliedTypesDocument, isFormer: Bool)
}

/// Shows declared types and puts them to use.
public protocol TypeAdministration: Sendable {
    /// All types in use.
    func list() -> TypeListDocument

    /// The notification that events of a type would give. Calls no service and stores nothing.
    ///
    /// - Parameter head: the recipient and when the events happened; `nil` for a sample recipient, now.
    /// - Throws: ``SheafError`` `not_found`; `invalid` or `bad_payload` with the field.
    func preview(_ name: String, _ request: PreviewRequest, for head: EventHead?) async throws -> TypePreviewDocument

    /// Reads the configured folder and applies its types.
    ///
    /// - Throws: ``TypeMistakes`` if the set is refused; the set in use stays.
    func reload() async throws -> AppliedTypesDocument
}
