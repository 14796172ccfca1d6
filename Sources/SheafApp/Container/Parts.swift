internal import Logging
internal import SheafCore

/// The parts of one container, and their dependences during builds. Builds run outside of this actor.
actor Parts {
    private struct Key: Hashable {
        let name: String
        let type: ObjectIdentifier
        let container: ObjectIdentifier
    }

    /// The part that the current task builds.
    @TaskLocal private static var builder: Key?

    /// The task that builds a part or has built it.
    private var tasks: [Key: any Sendable] = [:]
    /// The parts that each unfinished build has requested so far.
    private var asked: [Key: [Key]] = [:]
    private var replacements: [String: any Sendable] = [:]
    /// In the order of opening.
    private var opened: [OpenPart] = []
    private var closing: Task<Void, Never>?

    func part<Part: Sendable>(
        _ name: String, _ close: Container.Close<Part>?, _ build: @escaping @Sendable () async throws -> Part
    ) async throws -> Part {
        if let replacement = replacements[name] {
            if let part = replacement as? Part { return part }
            throw ContainerError.wrongReplacement(
                part: name, expected: "\(Part.self)", found: "\(type(of: replacement))")
        }
        let key = Key(name: name, type: ObjectIdentifier(Part.self), container: ObjectIdentifier(self))
        try ask(for: key)
        if let task = tasks[key] as? Task<Part, any Error> { return try await task.value }
        guard closing == nil else { throw ContainerError.closed(part: name) }
        let task = Task {
            defer { asked[key] = nil }
            do {
                let part = try await Self.$builder.withValue(key) { try await build() }
                guard let close else { return part }
                // The container was closed during this build.
                if closing != nil {
                    try await close(part)
                    throw ContainerError.closed(part: name)
                }
                opened.append(OpenPart(name: name) { try await close(part) })
                return part
            } catch {
                tasks[key] = nil
                throw error
            }
        }
        tasks[key] = task
        asked[key] = []
        return try await task.value
    }

    func replace(_ name: String, with part: any Sendable) throws(ContainerError) {
        if tasks.keys.contains(where: { $0.name == name }) { throw .replacedTooLate(part: name) }
        replacements[name] = part
    }

    func closeAll(deadline: Duration, time: any TimeSource, logger: Logger) async {
        if closing == nil {
            closing = Task {
                let end = time.now + deadline
                for part in opened.reversed() { await part.close(within: (end - time.now) / 2, time, logger) }
            }
        }
        await closing?.value
    }

    /// Records which part this task's build requests. Throws if the two builds would wait for each other, directly or
    /// through other parts, in whatever tasks.
    private func ask(for key: Key) throws {
        // A task that a build started may request parts after the build has ended; nothing waits for it then.
        guard let builder = Self.builder, asked[builder] != nil else { return }
        if let path = path(from: key, to: builder) { throw ContainerError.cycle((path + [key]).map(\.name)) }
        asked[builder]?.append(key)
    }

    private func path(from start: Key, to end: Key) -> [Key]? {
        if start == end { return [start] }
        return asked[start]?.lazy.compactMap { self.path(from: $0, to: end) }.first.map { [start] + $0 }
    }
}

/// A part to close.
private struct OpenPart: Sendable {
    let name: String
    let close: @Sendable () async throws -> Void

    /// Closes the part. After `limit`, cancels that and abandons the part.
    func close(within limit: Duration, _ time: any TimeSource, _ logger: Logger) async {
        // A task group would wait for its slowest task, and a stuck part may ignore cancellation.
        let (overruns, end) = AsyncStream<Void>.makeStream()
        let closing = Task {
            do { try await close() } catch {
                logger.error("a part could not be closed", metadata: ["part": "\(name)", "error": "\(error)"])
            }
            end.finish()
        }
        let timer = Task {
            try await time.sleep(for: limit)
            end.yield()
        }
        for await _ in overruns {
            logger.error(
                "a part did not close in time, and is abandoned",
                metadata: ["part": "\(name)", "deadline": "\(limit.text)"])
            break
        }
        closing.cancel()
        timer.cancel()
    }
}
