public import Logging
public import SheafCore
internal import Synchronization

/// Holds the parts of a program: each is built when it is first asked for, once, and closed at the end.
///
/// A part is a property in an extension; its name and its type are its key:
///
///     extension Container {
///         var store: any EventStore {
///             get throws {
///                 try part(as: (any EventStore).self, close: { await $0.close() }) { try SQLiteStore(path: path) }
///             }
///         }
///         var relay: Relay {
///             get async throws { try await asyncPart { try await Relay(store: self.store) } }
///         }
///     }
///
/// A part that is asked for by several tasks at once is built by the first, and the others wait. A build that fails is
/// not remembered: the next to ask builds anew.
public final class Container: Sendable {
    /// How a part is closed.
    public typealias Close<Part> = @Sendable (Part) async throws -> Void

    public let settings: Settings
    let logger: Logger
    let time: any TimeSource

    private let state = Mutex(State())

    /// The part whose build is running in this task.
    @TaskLocal private static var builder: PartKey?

    private struct State {
        /// A ``PartSlot`` or a task that builds, by key.
        var parts: [PartKey: any Sendable] = [:]
        var graph = PartGraph()
        var replacements: [String: any Sendable] = [:]
        /// In the order they were opened in.
        var opened: [OpenPart] = []
        var closing: Task<Void, Never>?
    }

    /// - Parameter time: what the deadlines of closing are measured by.
    public init(
        settings: Settings = Settings(), logger: Logger = Logger(label: "sheaf.container"),
        time: any TimeSource = SteadyClock()
    ) {
        self.settings = settings
        self.logger = logger
        self.time = time
    }

    /// The part of the property or method this is called in.
    ///
    /// - Parameters:
    ///   - name: its name; to be given where a method makes different parts by its arguments.
    ///   - type: its type, where that is not what `build` returns.
    ///   - close: what ``closeAll(deadline:)`` does with it.
    /// - Throws: what `build` throws; ``ContainerError``.
    public func part<Part: Sendable>(
        _ name: String = #function, as type: Part.Type = Part.self, close: Close<Part>? = nil, build: () throws -> Part
    ) throws -> Part {
        if let replacement: Part = try replacement(of: name) { return replacement }
        let key = PartKey(name, type, in: self)
        let slot = try state.withLock { state in
            try state.graph.ask(for: key, by: Self.builder)
            if let slot = state.parts[key] as? PartSlot<Part> { return slot }
            let slot = PartSlot<Part>()
            state.parts[key] = slot
            return slot
        }
        // Whoever else asks waits at this lock for the build. No two builds can wait for each other: the graph refuses
        // the second question.
        return try slot.part.withLock { part in
            if let part { return part }
            try begin(key)
            defer { end(key) }
            let built = try Self.$builder.withValue(key) { try build() }
            try opened(built, name, close)
            part = built
            return built
        }
    }

    /// The part of the property or method this is called in, for builds that wait.
    ///
    /// Cancelling a task that asks does not cancel the build, for which others may wait too.
    public func asyncPart<Part: Sendable>(
        _ name: String = #function, as type: Part.Type = Part.self, close: Close<Part>? = nil,
        build: @escaping @Sendable () async throws -> Part
    ) async throws -> Part {
        if let replacement: Part = try replacement(of: name) { return replacement }
        let key = PartKey(name, type, in: self)
        let task = try state.withLock { state in
            try state.graph.ask(for: key, by: Self.builder)
            if let task = state.parts[key] as? Task<Part, any Error> { return task }
            guard state.closing == nil else { throw ContainerError.closed(part: name) }
            state.graph.begin(key)
            let task = Task { try await self.build(key, close, build) }
            state.parts[key] = task
            return task
        }
        return try await task.value
    }

    private func build<Part: Sendable>(
        _ key: PartKey, _ close: Close<Part>?, _ build: @Sendable () async throws -> Part
    ) async throws -> Part {
        do {
            let built = try await Self.$builder.withValue(key) { try await build() }
            try opened(built, key.name, close)
            end(key)
            return built
        } catch {
            // In one step: the next to ask may begin anew at once.
            state.withLock { state in
                state.parts[key] = nil
                state.graph.end(key)
            }
            throw error
        }
    }

    /// Puts `part` in the place of the part with this name, for tests. Who made it also closes it.
    ///
    /// - Throws: ``ContainerError/replacedTooLate(part:)``; asking for the part throws
    ///   ``ContainerError/wrongReplacement(part:expected:found:)`` where the types do not fit.
    public func replace(_ name: String, with part: any Sendable) throws(ContainerError) {
        try state.withLock { state throws(ContainerError) in
            guard !state.parts.keys.contains(where: { $0.name == name }) else { throw .replacedTooLate(part: name) }
            state.replacements[name] = part
        }
    }

    private func replacement<Part>(of name: String) throws(ContainerError) -> Part? {
        guard let replacement = state.withLock({ $0.replacements[name] }) else { return nil }
        guard let part = replacement as? Part else {
            throw .wrongReplacement(part: name, expected: "\(Part.self)", found: "\(type(of: replacement))")
        }
        return part
    }

    private func begin(_ key: PartKey) throws {
        try state.withLock { state in
            guard state.closing == nil else { throw ContainerError.closed(part: key.name) }
            state.graph.begin(key)
        }
    }

    private func end(_ key: PartKey) { state.withLock { $0.graph.end(key) } }

    /// Notes what is to be closed; at once, where the container was closed while the part was built.
    private func opened<Part: Sendable>(_ part: Part, _ name: String, _ close: Close<Part>?) throws {
        guard let close else { return }
        let opened = OpenPart(name: name) { try await close(part) }
        let isLate = state.withLock { state in
            if state.closing == nil { state.opened.append(opened) }
            return state.closing != nil
        }
        guard isLate else { return }
        Task { await opened.close(within: nil, time: time, logger: logger) }
        throw ContainerError.closed(part: name)
    }

    /// Closes what was opened, the last first.
    ///
    /// A part that takes longer than `deadline` is left to itself, and one that fails is passed over; the log tells of
    /// both. Cancellation of the calling task hurries nothing. To call it again is harmless: it waits for the same end.
    ///
    /// - Parameter deadline: for each part.
    public func closeAll(deadline: Duration) async {
        let closing = state.withLock { state in
            if let closing = state.closing { return closing }
            let parts = state.opened.reversed()
            let closing = Task {
                for part in parts { await part.close(within: deadline, time: time, logger: logger) }
            }
            state.closing = closing
            return closing
        }
        await closing.value
    }
}

/// The place of a part that is built without waiting.
private final class PartSlot<Part: Sendable>: Sendable {
    let part = Mutex<Part?>(nil)
}
