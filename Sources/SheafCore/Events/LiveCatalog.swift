import Synchronization

/// The catalog of the moment: types that are declared in files come, change and go while the program runs.
///
/// A step takes ``current`` once, and works by it to its end.
public final class LiveCatalog: Sendable {
    private struct State {
        var catalog: EventCatalog
        var revision = 0
        /// The last revision that is known of: it may be one that cannot be read, and then the one before is used.
        var seen = 0
        var refresh: (@Sendable () async throws -> Void)?
        var observers: [@Sendable (EventCatalog) -> Void] = []
    }

    private let state: Mutex<State>
    private let refreshes = Slots(1)
    private let lookUpNames: @Sendable () async throws -> [EventTypeCode: String]

    /// - Parameter names: all names that declared types ever had; asked for when a type is met that is not known.
    public init(
        _ catalog: EventCatalog, names: @escaping @Sendable () async throws -> [EventTypeCode: String] = { [:] }
    ) {
        state = Mutex(State(catalog: catalog))
        lookUpNames = names
    }

    /// Of types that are never replaced.
    public convenience init(_ types: [EventType]) throws(SheafError) { self.init(try EventCatalog(types)) }

    public var current: EventCatalog { state.withLock(\.catalog) }

    /// The number of the revision that the declared types are from; 0 if there are none.
    public var revision: Int { state.withLock(\.revision) }

    /// The current catalog, and the revision that events are checked by with it.
    public var moment: (catalog: EventCatalog, revision: Int) {
        state.withLock { ($0.catalog, max($0.revision, $0.seen)) }
    }

    /// Has events be checked by the current catalog though there is this revision, which cannot be read.
    public func pass(over revision: Int) { state.withLock { $0.seen = max($0.seen, revision) } }

    /// - Parameter body: looks for a newer revision and puts it to use.
    public func refresh(by body: @escaping @Sendable () async throws -> Void) { state.withLock { $0.refresh = body } }

    /// Looks for a revision after this one; of many who ask, one looks.
    public func refresh(after revision: Int) async throws {
        try await refreshes.run {
            guard moment.revision <= revision, let refresh = state.withLock(\.refresh) else { return }
            try await refresh()
        }
    }

    /// Puts the catalog with the types of a revision in the place of the current one, unless that is of a later revision.
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

    /// Calls `body` with the current catalog, and with each that takes its place.
    public func observe(_ body: @escaping @Sendable (EventCatalog) -> Void) {
        let catalog = state.withLock { state in
            state.observers.append(body)
            return state.catalog
        }
        body(catalog)
    }

    /// The name of a type, also of one that this process does not know, or no longer knows.
    public func name(of code: EventTypeCode) async throws -> String {
        let catalog = current
        guard catalog.isForeign(code), !catalog.hasName(of: code) else { return catalog.name(of: code) }
        let names = try await lookUpNames()
        state.withLock { $0.catalog.formerNames.merge(names) { $1 } }
        return current.name(of: code)
    }
}
