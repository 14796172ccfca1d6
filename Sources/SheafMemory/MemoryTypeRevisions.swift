public import SheafCore
import Synchronization

/// Revisions within one process: the reference for other drivers.
public final class MemoryTypeRevisions: TypeRevisions {
    private struct State {
        var revisions: [(text: String, entry: TypeRevisionEntry)] = []
        var codes: [ExactText: (name: String, code: EventTypeCode)] = [:]

        var current: TypeRevision? {
            revisions.last.map { TypeRevision(number: revisions.count, text: $0.text) }
        }
    }

    private let store: MemoryStore
    private let state = Mutex(State())

    /// - Parameter store: the store with the types' windows and events.
    public init(_ store: MemoryStore) { self.store = store }

    public func current() async throws -> TypeRevision? { state.withLock(\.current) }

    public func newer(than number: Int) async throws -> TypeRevision? {
        state.withLock { $0.revisions.count > number ? $0.current : nil }
    }

    public func revision(_ number: Int) async throws -> TypeRevision? {
        state.withLock { state in
            guard number >= 1, number <= state.revisions.count else { return nil }
            return TypeRevision(number: number, text: state.revisions[number - 1].text)
        }
    }

    public func append(
        _ text: String, after number: Int, bringingBack origin: Int?, unlessInUse types: Set<EventTypeCode>
    ) async throws -> AppendedRevision {
        state.withLock { state in
            let last = state.revisions.count
            if let current = state.current, current.text.utf8.elementsEqual(text.utf8) { return .unchanged(last) }
            guard last == number else { return .overtaken }
            let used = store.tables.withLock { tables in
                let used = tables.inUse(types)
                if used.isEmpty { tables.typeRevision = last + 1 }
                return used
            }
            guard used.isEmpty else { return .inUse(used) }
            state.revisions.append(
                (text, TypeRevisionEntry(number: last + 1, storedAt: store.clock.now, broughtBack: origin)))
            return .stored(last + 1)
        }
    }

    public func inUse(_ types: Set<EventTypeCode>) async throws -> Set<EventTypeCode> {
        store.tables.withLock { $0.inUse(types) }
    }

    public func contains(_ text: String) async throws -> Bool {
        state.withLock { $0.revisions.contains { $0.text.utf8.elementsEqual(text.utf8) } }
    }

    public func history(limit: Int) async throws -> [TypeRevisionEntry] {
        state.withLock { $0.revisions.suffix(max(0, limit)).reversed().map(\.entry) }
    }

    public func codes(for names: [String]) async throws -> [String: EventTypeCode] {
        state.withLock { state in
            for name in names.sorted() where state.codes[ExactText(name)] == nil {
                state.codes[ExactText(name)] = (name, EventType.firstDeclaredCode + state.codes.count)
            }
            return Dictionary(names.map { ($0, state.codes[ExactText($0)]?.code ?? 0) }) { first, _ in first }
        }
    }

    public func names() async throws -> [EventTypeCode: String] {
        state.withLock { Dictionary($0.codes.values.map { ($0.code, $0.name) }) { first, _ in first } }
    }
}

extension MemoryTables {
    /// The given types that have a live window, or an event that waits for one.
    fileprivate func inUse(_ types: Set<EventTypeCode>) -> Set<EventTypeCode> {
        let waiting = unassigned.compactMap { events[$0]?.event.type }
        return types.intersection(windows.values.map(\.key.type) + waiting)
    }
}
