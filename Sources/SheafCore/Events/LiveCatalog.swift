import Synchronization

/// The catalog of the moment: types that are declared in files come, change and go while the program runs.
///
/// A step takes ``current`` once, and works by it to its end.
public final class LiveCatalog: Sendable {
    private struct State {
        var catalog: EventCatalog
        var revision = 0
        var observers: [@Sendable (EventCatalog) -> Void] = []
    }

    private let state: Mutex<State>
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
