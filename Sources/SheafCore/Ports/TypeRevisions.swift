/// The sets of declared types that the store was given, one after the other, and the codes of their names.
///
/// A set is a text whose form is the business of whoever reads it; equal texts are equal sets. The last revision is the
/// current one. Bringing an old set back adds a revision that equals it, so that numbers only grow.
public protocol TypeRevisions: Sendable {
    /// The last revision; `nil` if there is none.
    func current() async throws -> TypeRevision?

    /// The last revision if its number is above `number`. It is asked every few seconds, and costs next to nothing then.
    func newer(than number: Int) async throws -> TypeRevision?

    /// One revision; `nil` if it does not exist.
    func revision(_ number: Int) async throws -> TypeRevision?

    /// Adds a revision unless the current one has the same text.
    ///
    /// From then on no event is accepted that was checked by an older one (``PathTransaction/accept(_:)``), and what was
    /// accepted before counts as in use: so no event comes in by a type that is going.
    ///
    /// - Parameters:
    ///   - number: the revision that is current as far as the caller knows, 0 for none. What was checked against it need
    ///     not hold against another.
    ///   - origin: the revision that is brought back; `nil` if the set is new.
    ///   - types: those that must not be in use: that have a window which has not ended, or an event that has neither a
    ///     window nor an outcome.
    func append(
        _ text: String, after number: Int, bringingBack origin: Int?, unlessInUse types: Set<EventTypeCode>
    ) async throws -> AppendedRevision

    /// Those of the types that have a window which has not ended, or an event that has neither a window nor an outcome.
    func inUse(_ types: Set<EventTypeCode>) async throws -> Set<EventTypeCode>

    /// Whether any revision has this text.
    func contains(_ text: String) async throws -> Bool

    /// The last revisions without their texts, newest first.
    func history(limit: Int) async throws -> [TypeRevisionEntry]

    /// The codes of these names, the same ones for ever. A name that has none gets one, from
    /// ``EventType/firstDeclaredCode`` on.
    func codes(for names: [String]) async throws -> [String: EventTypeCode]

    /// All names that ever got a code.
    func names() async throws -> [EventTypeCode: String]
}

extension SheafError {
    /// An event was checked by a revision of declared types that is not the current one any more.
    public static var typesChanged: SheafError {
        SheafError(.conflict, field: "type", "declared types have changed since the event was checked")
    }
}

extension Sequence<AdmittedEvent> {
    /// Whether one is of a declared type, for which the current revision has to be known.
    public var needRevision: Bool { contains { $0.revision > 0 } }

    /// - Throws: ``SheafError/typesChanged`` if one was checked by an older revision than the current one.
    public func check(against revision: Int) throws(SheafError) {
        if contains(where: { $0.revision > 0 && $0.revision < revision }) { throw .typesChanged }
    }
}

extension EventType {
    /// The first code of types that are declared in files. Those below belong to types in Swift.
    public static let firstDeclaredCode: EventTypeCode = 1000
}

/// A set of declared types, as it was stored.
public struct TypeRevision: Hashable, Sendable {
    /// Counted from 1, in the order of being stored.
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
    /// The revision that it brought back; `nil` if its set was new.
    public let broughtBack: Int?

    public init(number: Int, storedAt: Timestamp, broughtBack: Int?) {
        self.number = number
        self.storedAt = storedAt
        self.broughtBack = broughtBack
    }
}

/// What became of a set that was to be stored.
public enum AppendedRevision: Hashable, Sendable {
    /// It is current now, under this number.
    case stored(Int)
    /// The current revision, of this number, has the same text.
    case unchanged(Int)
    /// Another revision is current than the caller knew; nothing was stored.
    case overtaken
    /// These types are in use that must not be; nothing was stored.
    case inUse(Set<EventTypeCode>)
}
