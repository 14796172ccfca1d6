import SheafCore
import SheafEngine
import SheafHTTP
import SheafTesting
import Synchronization

/// An intake that records its input and returns prepared results.
final class FakeIntake: EventIntake {
    private struct State {
        var entries: [EventReader.Entry] = []
        var sources: [String] = []
        var known: Set<String> = []
        var failure: (any Error)?
        var gate: Gate?
    }

    private let state = Mutex(State())

    /// All entries received so far, by request.
    var entries: [EventReader.Entry] { state.withLock { $0.entries } }
    var events: [IncomingEvent] { entries.compactMap { try? $0.get() } }
    var sources: [String] { state.withLock { $0.sources } }

    /// Makes calls fail from now on.
    func fail(_ error: (any Error)?) { state.withLock { $0.failure = error } }

    /// Makes requests wait at the gate from now on.
    func hold(at gate: Gate) { state.withLock { $0.gate = gate } }

    func reader(source: String, maximumEvents: Int) -> EventReader {
        EventReader(source: source, catalog: nil, maximumEvents: maximumEvents)
    }

    func admission(of entry: EventReader.Entry) async throws -> AdmittedEvent {
        let incoming = try entry.get()
        guard let type = try TestTypes.catalog().current.type(of: incoming.type) else {
            throw SheafError(.unknownType, field: "type", "is not known")
        }
        let now = Samples().start
        let event = Event(incoming, type: type.code, keyPart: try type.classify(incoming, at: now).keyPart, at: now)
        return AdmittedEvent(event, type.code == 1 ? .window(TestTypes.window) : .alone)
    }

    func submit(_ entries: [EventReader.Entry], source: String) async throws -> [IngestResult] {
        await state.withLock { $0.gate }?.pass()
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.sources.append(source)
            return entries.map { entry in
                state.entries.append(entry)
                switch entry {
                case .failure(let error): return IngestResult(id: nil, status: .rejected(error))
                case .success(let event):
                    let id = event.producerID ?? "given-\(state.entries.count)"
                    if event.type != "sale_item_changed" {
                        let error = SheafError(.unknownType, field: "type", "is not known")
                        return IngestResult(id: event.producerID, status: .rejected(error))
                    }
                    return IngestResult(id: id, status: state.known.insert(id).inserted ? .accepted : .duplicate)
                }
            }
        }
    }
}

/// Blocks tasks until it is opened.
actor Gate {
    private var isOpen = false
    private var held: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { continuation in
            held.append(continuation)
            for watcher in watchers where watcher.count <= held.count { watcher.continuation.resume() }
            watchers.removeAll { $0.count <= held.count }
        }
    }

    /// Waits until `count` tasks are blocked.
    func waitForHeld(_ count: Int) async {
        guard held.count < count else { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }

    func open() {
        isOpen = true
        for continuation in held { continuation.resume() }
        held = []
    }
}
