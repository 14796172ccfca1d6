/// The sets of declared types that were stored, one revision after the other, and the codes of their names.
///
/// A set is a text whose form only its reader knows; equal texts are equal sets. The last revision is the current one.
/// Restoring an old set adds a revision with the same text, so numbers only grow.
public protocol TypeRevisions: Sendable {
    /// The last revision; `nil` if there is none.
    func current() async throws -> TypeRevision?

    /// The last revision if its number is above `number`. It is called every few seconds, so it must be cheap.
    func newer(than number: Int) async throws -> TypeRevision?

    /// One revision; `nil` if it does not exist.
    func revision(_ number: Int) async throws -> TypeRevision?

    /// Adds a revision unless the current one has the same text.
    ///
    /// From then on ``EventTransaction/accept(_:)`` refuses events that were checked with an older revision, and events
    /// accepted before count for types in use. So no event of a removed type comes in.
    ///
    /// - Parameters:
    ///   - number: the revision that the caller takes for the current one, 0 for none. The caller's checks are valid
    ///     only for it.
    ///   - origin: the revision that is restored; `nil` if the set is new.
    ///   - types: the types that must not be in use. A type is in use if it has a live window, or an event with neither
    ///     a window nor an outcome.
    func append(
        _ text: String, after number: Int, bringingBack origin: Int?, unlessInUse types: Set<EventTypeCode>
    ) async throws -> AppendedRevision

    /// The given types that have a live window, or an event with neither a window nor an outcome.
    func inUse(_ types: Set<EventTypeCode>) async throws -> Set<EventTypeCode>

    /// Whether any revision has this text.
    func contains(_ text: String) async throws -> Bool

    /// The last revisions without their texts, newest first.
    func history(limit: Int) async throws -> [TypeRevisionEntry]

    /// The codes of these names, which never change. A name without a code gets one, from
    /// ``EventType/firstDeclaredCode`` on.
    func codes(for names: [String]) async throws -> [String: EventTypeCode]

    /// All names that ever got a code.
    func names() async throws -> [EventTypeCode: String]
}

extension SheafError {
    /// An event was checked with a revision of declared types that is not current any more.
    public static var typesChanged: SheafError {
        SheafError(.conflict, field: "type", "declared types have changed since the event was checked")
    }
}

extension Sequence<AdmittedEvent> {
    /// Whether an event has a declared type, for which the current revision must be known.
    public var needRevision: Bool { contains { $0.revision > 0 } }

    /// - Throws: ``SheafError/typesChanged`` if an event was checked with an older revision than the current one.
    public func check(against revision: Int) throws(SheafError) {
        if contains(where: { $0.revision > 0 && $0.revision < revision }) { throw .typesChanged }
    }
}

extension EventType {
    /// The first code of types that are declared in files. Lower codes belong to types in Swift.
    public static let firstDeclaredCode: EventTypeCode = 1000
}

/// A stored set of declared types.
public struct TypeRevision: Hashable, Sendable {
    /// Counted from 1, in the order of storing.
    public let number: Int
    public let text: String

    public init(number: Int, text: String) {
        self.number = number
        self.text = text
    }
}

/// A revision in a list.
public struct TypeRevisionEntry: Hashable, Sendable {
    public let number: Int
    public let storedAt: Timestamp
    /// The revision that it restored; `nil` if its set was new.
    public let broughtBack: Int?

    public init(number: Int, storedAt: Timestamp, broughtBack: Int?) {
        self.number = number
        self.storedAt = storedAt
        self.broughtBack = broughtBack
    }
}

/// The result of storing a set.
public enum AppendedRevision: Hashable, Sendable {
    /// The set is current now, under this number.
    case stored(Int)
    /// The current revision, of this number, has the same text.
    case unchanged(Int)
    /// The current revision is not the one that the caller named; nothing was stored.
    case overtaken
    /// These types are in use and must not be; nothing was stored.
    case inUse(Set<EventTypeCode>)
}
