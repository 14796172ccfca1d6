import Synchronization

/// The catalog in use. Types that are declared in files come, change and go while the program runs.
///
/// A step reads ``current`` once and uses it until the step ends.
public final class LiveCatalog: Sendable {
    private struct State {
        var catalog: EventCatalog
        var revision = 0
        /// The latest known revision. If it cannot be read, the one before stays in use.
        var seen = 0
        var refresh: (@Sendable () async throws -> Void)?
        var observers: [@Sendable (EventCatalog) -> Void] = []
    }

    private let state: Mutex<State>
    private let refreshes = Slots(1)
    private let lookUpNames: @Sendable () async throws -> [EventTypeCode: String]

    /// - Parameter names: returns all names that declared types ever had; called for an unknown type.
    public init(
        _ catalog: EventCatalog, names: @escaping @Sendable () async throws -> [EventTypeCode: String] = { [:] }
    ) {
        state = Mutex(State(catalog: catalog))
        lookUpNames = names
    }

    /// A catalog of types that are never replaced.
    public convenience init(_ types: [EventType]) throws(SheafError) { self.init(try EventCatalog(types)) }

    public var current: EventCatalog { state.withLock(\.catalog) }

    /// The revision of the declared types; 0 if there are none.
    public var revision: Int { state.withLock(\.revision) }

    /// The current catalog, and the revision with which it checks events.
    public var moment: (catalog: EventCatalog, revision: Int) {
        state.withLock { ($0.catalog, max($0.revision, $0.seen)) }
    }

    /// Skips an unreadable revision: events are checked with the current catalog in its stead.
    public func pass(over revision: Int) { state.withLock { $0.seen = max($0.seen, revision) } }

    /// - Parameter body: looks for a newer revision and applies it.
    public func refresh(by body: @escaping @Sendable () async throws -> Void) { state.withLock { $0.refresh = body } }

    /// Looks for a revision after this one; of several concurrent callers, only one looks.
    public func refresh(after revision: Int) async throws {
        try await refreshes.run {
            guard moment.revision <= revision, let refresh = state.withLock(\.refresh) else { return }
            try await refresh()
        }
    }

    /// Replaces the current catalog by one with the types of a revision, unless the current one is of a later revision.
    /// - Returns: whether it did.
    @discardableResult
    public func replace(with catalog: EventCatalog, revision: Int) -> Bool {
        let observers: [@Sendable (EventCatalog) -> Void]? = state.withLock { state in
            guard revision > state.revision else { return nil }
            state.catalog = catalog
            state.revision = revision
            return state.observers
        }
        for observer in observers ?? [] { observer(catalog) }
        return observers != nil
    }

    /// Calls `body` with the current catalog, and with each that replaces it.
    public func observe(_ body: @escaping @Sendable (EventCatalog) -> Void) {
        let catalog = state.withLock { state in
            state.observers.append(body)
            return state.catalog
        }
        body(catalog)
    }

    /// The name of a type, even if this process does not know the type, or no longer does.
    public func name(of code: EventTypeCode) async throws -> String {
        let catalog = current
        guard catalog.isForeign(code), !catalog.hasName(of: code) else { return catalog.name(of: code) }
        let names = try await lookUpNames()
        state.withLock { $0.catalog.formerNames.merge(names) { $1 } }
        return current.name(of: code)
    }
}
